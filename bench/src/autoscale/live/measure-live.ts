import { say } from '../../report/result.ts';
import { dataFolder } from '../../tapas/data-folder.ts';
import { fixedSizes, type FixedSize } from './fixed-sizes.ts';
import { type Counts, liveModel } from './live-profile.ts';
import { type LiveRun, liveRun } from './live-run.ts';
import { liveTraffic } from './live-traffic.ts';
import type { LiveParameters } from './parameters.ts';
import { searchFixed } from './search-fixed.ts';

/** Live processes that follow a traffic, beside the smallest fixed size that serves it as well. */
export interface LiveFollowing {
  readonly source: string;
  readonly dayTimes: number;
  readonly hourTimes: number;
  readonly ttftMs: number;
  readonly tokenMs: number;
  readonly following: LiveRun;
  /** In the order in which they were tried. */
  readonly fixed: readonly LiveRun[];
  /** The smallest of them that kept the SLO; undefined where none did. */
  readonly best: LiveRun | undefined;
  /** Whether a size with one instance less was tried and did not keep it. */
  readonly isSmallest: boolean;
  /** Instance time of the following ÷ that of the best fixed size − 1. */
  readonly instanceHoursChange: number | undefined;
  /** What the simulator says of the sizes around the best one. */
  readonly simulated: readonly FixedSize[];
}

const attainmentMin = 0.99;

export const measureLive = async (
  redisUrl: string,
  parameters: LiveParameters,
): Promise<LiveFollowing> => {
  const data = await dataFolder();
  if (data.kind === 'missing') say(`TRAFFIC IS DRAWN, NOT READ: ${data.reason}`);
  const traffic = liveTraffic(parameters, data.kind === 'found' ? data.folder : undefined);
  const { requests, source, dayTimes, hourTimes } = traffic;
  const model = liveModel(requests, parameters);
  const { ttftMs, tokenMs, first } = model;
  const sizes = fixedSizes(model, requests, { ...parameters, attainmentMin });
  say(`${requests.length} requests (${source}); first token ${ttftMs} ms, a token ${tokenMs} ms`);
  const run = async (kind: LiveRun['kind'], counts: Counts): Promise<LiveRun> => {
    const result = await liveRun(redisUrl, { kind, counts }, model, requests, parameters);
    say(lineOf(result));
    return result;
  };
  const following = await run('following', first);
  const { fixed, best, isSmallest } = await searchFixed(
    sizes,
    { runsMax: parameters.staticRunsMax, attainmentMin },
    (counts) => run('fixed', counts),
  );
  const near = sizes.findIndex(({ attainment }) => attainment >= attainmentMin);
  return {
    ...{ source, dayTimes, hourTimes, ttftMs, tokenMs, following, fixed, best, isSmallest },
    instanceHoursChange: best && following.instanceS / best.instanceS - 1,
    simulated: sizes.slice(Math.max(0, near - 12), near + 12),
  };
};

const lineOf = (run: LiveRun): string => {
  const { kind, counts, attainment, instanceS, requests, refused, lost, startedMs } = run;
  const size = `${counts.encoder} encoders, ${counts.prefill} prefills, ${counts.decode} decodes`;
  const moved = kind === 'fixed' ? '' : `; ${startedMs.count} started, ${run.drained} drained`;
  return (
    `${kind} (${size}): ${(100 * attainment).toFixed(2)} % of ${requests} in time, ` +
    `${refused} refused, ${lost} lost, p99 of the first token ${run.firstMs.p99} ms, ` +
    `${instanceS.toFixed(0)} instance-seconds${moved}`
  );
};
