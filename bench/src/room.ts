/**
 * What heat does to a service, and what each of the three levers against it gives: on the live stack with a virtual room,
 * the same load, the same heat wave and the same loss of cooling in one aisle, once for each combination of levers.
 *
 * Measured, by arm (all eight in a full run; oblivious and aware in a quick one):
 * - `throttle_events`: how often hardware began to slow a GPU of the room down, by heat or power.
 * - `max_temperature_c`: the hottest core of the room; `peak_row_power_w`: the most that a row drew.
 * - `p99_latency_ratio`: whole answers, 99th percentile, aware ÷ oblivious. When the virtual hardware slows a GPU
 *   down, the instance there is really slowed, so throttling costs latency here as it does there.
 * - `lost_requests`: neither answered nor told why not, over all arms. `cut_requests`: cut off in the answer with an error that says
 *   why; `expired_requests`: told that their deadline of a minute has passed.
 *
 * How to read it: engines take given times (the profile engine), so what differs between arms is where work went and at which
 * clock. Physics is packages/plant's, with what is assumed there. Plant time runs faster than the clock (`timeScale`), so a
 * delay of the control loop counts many times over. Arms run one after the other on an otherwise idle machine.
 * Raw result: bench/results/room.json, drawn in room.svg. About six minutes.
 *
 * Usage: npm run bench -- room [--quick]
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { round } from './report/percentiles.ts';
import { repositoryRoot } from './report/repository.ts';
import { say } from './report/result.ts';
import { runBench } from './report/run-bench.ts';
import { svgOf } from './report/svg.ts';
import { arms, nameOf } from './room/arms.ts';
import { fullRoom, quickRoom } from './room/parameters.ts';
import { type ArmResult, runArm } from './room/run-arm.ts';
import { armLines } from './room/arm-lines.ts';
import { roomPlot } from './room/room-plot.ts';

await runBench('room', async (redisUrl, quick) => {
  const parameters = quick ? quickRoom : fullRoom;
  const wanted = quick ? arms.filter((arm) => ['oblivious', 'aware'].includes(nameOf(arm))) : arms;
  const results: ArmResult[] = [];
  for (const arm of wanted) {
    say(`${nameOf(arm)} …`);
    const result = await runArm(redisUrl, arm, parameters);
    results.push(result);
    for (const line of armLines([result])) say(line);
    for (const reason of result.failures) say(`  not answered: ${reason.trim()}`);
  }
  for (const line of armLines(results)) say(line);
  const named = (name: string): ArmResult | undefined => results.find((one) => one.name === name);
  const [oblivious, aware] = [named('oblivious'), named('aware')];
  const shown = [oblivious, aware].filter((one) => one !== undefined);
  const plot = roomPlot(shown, (parameters.calmMs / 1000) * parameters.timeScale);
  const folder = join(repositoryRoot, 'bench', 'results');
  if (!quick) await writeFile(join(folder, 'room.svg'), `${await svgOf(plot)}\n`);
  const figures = {
    throttle_events_oblivious: oblivious?.throttleEvents ?? null,
    throttle_events_aware: aware?.throttleEvents ?? null,
    max_temperature_c_oblivious: round(oblivious?.coreMaxC ?? Number.NaN),
    max_temperature_c_aware: round(aware?.coreMaxC ?? Number.NaN),
    peak_row_power_w_oblivious: round(oblivious?.rowMaxW ?? Number.NaN),
    peak_row_power_w_aware: round(aware?.rowMaxW ?? Number.NaN),
    p99_latency_ratio: round((aware?.whole.p99 ?? Number.NaN) / (oblivious?.whole.p99 ?? 1)),
    cut_requests: results.reduce((sum, { cut }) => sum + cut, 0),
    expired_requests: results.reduce((sum, { expired }) => sum + expired, 0),
    lost_requests: results.reduce((sum, { lost }) => sum + lost, 0),
  };
  return { figures, raw: { parameters, arms: results } };
});
