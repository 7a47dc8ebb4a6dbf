/**
 * Who loses what when a room loses cooling or power: each kind of emergency on the live stack with a virtual room of 24
 * servers, a third of them opaque, once with all levers (`isotherm`) and once with caps for everybody alike (`uniform`: instances
 * stand in the same places, but work does not move and nobody gives first), in turns; and the same requests undisturbed.
 *
 * Measured, by emergency and who gives:
 * - `shutdowns`: GPUs that shut down, and how far the hottest was from that (`shutdown_margin_k`); breakers of rows and UPS
 *   units that opened (trip curves are the plant's), and the longest time that one was above its limit (`overload_s`).
 * - `opaque_capped_server_s`: plant seconds in which a server of an opaque tenant had a GPU capped or slowed, added up, and
 *   the energy that they did not draw for it (in the table).
 * - `goodput_share`: answers within `goodMs` to requests of the time while it was on ÷ those undisturbed: mean and least
 *   (`_min`) of all kinds; p99 of whole answers beside it.
 * - `recovery_s`: real seconds from its end until no opaque GPU is slowed and answers take as long as before; the longest of
 *   all emergencies. `lost_requests`: neither answered nor refused, over all runs.
 *
 * How to read it: the room has 12 % less power and 30 to 50 % less air than the demo's, so that what stands in it comes near its
 * limits and each emergency is felt; both arms have the same room, requests and limits.
 * Engines take given times; physics is packages/plant's, with what is assumed there. Plant time is 25 times as fast as the
 * clock for heat and 5 times for power, where seconds count. Figures are sums or means over the five kinds.
 * Raw result: bench/results/emergencies.json, drawn in emergencies.svg. About eight minutes on an otherwise idle machine.
 *
 * Usage: npm run bench -- emergencies [--quick]
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { emergencyFigures } from './emergencies/emergency-figures.ts';
import { emergencyLines } from './emergencies/emergency-lines.ts';
import { emergencyPlot } from './emergencies/emergency-plot.ts';
import { calmRun, emergencyKinds, fullEmergencies, quickEmergencies } from './emergencies/kinds.ts';
import { type EmergencyResult, runEmergency, type RunKind } from './emergencies/run-emergency.ts';
import { repositoryRoot } from './report/repository.ts';
import { say } from './report/result.ts';
import { runBench } from './report/run-bench.ts';
import { svgOf } from './report/svg.ts';

await runBench('emergencies', async (redisUrl, quick) => {
  const parameters = quick ? quickEmergencies : fullEmergencies;
  const results: EmergencyResult[] = [];
  const run = async (kind: RunKind, arm: EmergencyResult['arm']): Promise<void> => {
    say(`${kind.name}, ${arm} …`);
    results.push(await runEmergency(redisUrl, kind, arm, parameters));
    for (const line of emergencyLines(results.slice(-1))) say(line);
  };
  await run(calmRun, 'undisturbed');
  for (const [at, kind] of emergencyKinds.entries()) {
    const order = ['isotherm', 'uniform'] as const;
    for (const arm of at % 2 === 0 ? order : order.toReversed()) await run(kind, arm);
  }
  for (const line of emergencyLines(results)) say(line);
  const plot = emergencyPlot(results, parameters.calmMs);
  const folder = join(repositoryRoot, 'bench', 'results');
  if (!quick) await writeFile(join(folder, 'emergencies.svg'), `${await svgOf(plot)}\n`);
  return { figures: emergencyFigures(results), raw: { parameters, results } };
});
