/**
 * Whether live processes that follow their load (`isotherm up --autoscale`) take less instance time than the smallest fixed number of them
 * that has as many requests in time. `npm run bench -- autoscale` asks the same of the simulator.
 *
 * Served: the whole live stack (router, lanes, stages as processes), whose engines take the times of InternVL-2.5 26B by its derived profile:
 * encoders on one A100, prefill and decode on four. Service times are as in the profile, and are timers; **the traffic's time alone is
 * compressed**: a day of clients 5, 7 and 11 of ServeGen's image service (of its six largest those that ask as people do, by day and in bursts;
 * the others ask evenly) and an hour of Azure's conversations, both in `duration_s`, of each so many requests by chance that the
 * mean is 6 and 2 a second. So a plan every 4 s is one every 16 minutes of that day, and a start of about a second of four minutes: harder
 * than at its own pace. Easier: a queue of a second lasts four of its minutes, for who is fixed and who follows alike.
 * Pictures are of one size (1,280 tokens), at most four a request; texts end at 2,000 tokens and answers at 100. Without the data
 * (ISOTHERM_DATA_DIR, else shared/data beside the project) all of it is drawn, and said so.
 *
 * In time: the first token within eight times what a mean request takes alone, the mean time a token within eight times a step (assumed); of all
 * requests, those that were refused (503, before anything was begun) being late. Lost: neither answered nor refused.
 *
 * Against: the smallest fixed size that keeps 0.99 live on the very same requests, searched from the smallest that the simulator lets pass, down while
 * live runs keep it and up while they do not. It knows the whole traffic beforehand; who follows knows what has come. Instance time is of
 * the stages' processes, from start to end: starting and draining included. Whoever follows begins with what the mean load asks for.
 *
 * Figures: `instance_hours_change` (following ÷ fixed, less 1; null where no fixed size kept it), `attainment`, `attainment_fixed`,
 * `instance_s`, `instance_s_fixed`, `fixed_size` (encoders + prefills + decodes), `fixed_is_smallest` (one less was tried, and did not do),
 * `lost`, `refused`, `started`, `drained`, `source`. It needs a machine with little else to do: who is late because of others is late.
 * Raw result: bench/results/autoscale-live.json. About twenty-five minutes; `--quick` (4 to 12 o'clock in a minute and a half) takes four.
 *
 * Usage: npm run bench -- autoscale-live [--quick]
 */
import { fullLive, measureLive, quickLive } from './autoscale/live/index.ts';
import { round } from './report/percentiles.ts';
import { runBench } from './report/run-bench.ts';

await runBench('autoscale-live', async (redisUrl, quick) => {
  const parameters = quick ? quickLive : fullLive;
  const live = await measureLive(redisUrl, parameters);
  const { following, best, instanceHoursChange } = live;
  const { encoder = 0, prefill = 0, decode = 0 } = best?.counts ?? {};
  const figures = {
    instance_hours_change: instanceHoursChange === undefined ? null : round(instanceHoursChange),
    attainment: round(following.attainment),
    attainment_fixed: best === undefined ? null : round(best.attainment),
    instance_s: round(following.instanceS),
    instance_s_fixed: best === undefined ? null : round(best.instanceS),
    fixed_size: best === undefined ? null : `${encoder} + ${prefill} + ${decode}`,
    fixed_is_smallest: live.isSmallest,
    lost: [following, ...live.fixed].reduce((sum, { lost }) => sum + lost, 0),
    refused: following.refused,
    started: following.startedMs.count,
    drained: following.drained,
    source: live.source,
  };
  return { figures, raw: { parameters, live } };
});
