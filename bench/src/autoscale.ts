/**
 * Whether instances that follow their load (packages/policy's autoscaler) take fewer instance-hours than the best fixed number of them,
 * with as many requests in time. Simulated: packages/simulator runs the policies that serve, on the derived profile of InternVL-2.5
 * 26B, one A100 an instance, stages apart, first tokens by our routing.
 *
 * Traffic (ISOTHERM_DATA_DIR, else shared/data beside the project; without it about as much is drawn from published quantiles, and said
 * so: `source_*` is then `drawn`):
 * - `conversation`: an hour of Azure's conversations (2023), each request four times, the copies up to 15 s before or after it by the
 *   seed: minutes are as they were, seconds are at random;
 * - `images`: a day of ServeGen's image-text service, each client as bursty as it was.
 * A request is in time when its first token and its mean time a token take no longer than 10 times what it takes alone on the
 * study's four GPUs (about five times what it takes alone on one; assumed).
 *
 * Against: the smallest fixed fleet found that has 99 of 100 requests in time on the very same requests. Searched over the numbers of all
 * stages together: the fewest of each stage with more than enough of the others, and from there all fleets one after the other, by
 * size (the smallest of all only if one more instance never harms). It knows the whole traffic beforehand; who follows knows only what has come, begins with as many as the fixed fleet has,
 * and has the same settings for both (`autoscaleDefaults`) and capacities from the profile. Starting takes what the profile says (20 s
 * encoders, 60 s others); instances that start and drain are paid for.
 *
 * Figures, medians over the seeds: `instance_hours_change_*`: instance-hours of those that follow ÷ those of the fixed fleet, less 1 (negative:
 * fewer); `instance_hours_change_worst_*`: of the worst seed. `attainment_*`: share in time of those that follow, the worst seed's;
 * `attainment_fixed_*`. `instance_hours_*`, `instance_hours_fixed_*`. All of them come out the same on every machine.
 * Raw result: bench/results/autoscale.json, with every fleet that was tried; autoscale.svg: load, target and instances over time. Live processes:
 * `npm run bench -- autoscale-live`.
 *
 * Usage: npm run bench -- autoscale [--quick]
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { followPlot } from './autoscale/sim/follow-plot.ts';
import { measureSim } from './autoscale/sim/measure-sim.ts';
import { fullSim, quickSim } from './autoscale/sim/parameters.ts';
import { environment } from './report/environment.ts';
import { repositoryRoot } from './report/repository.ts';
import { report, say } from './report/result.ts';
import { drawFiles } from './report/svg.ts';
import { dataFolder } from './tapas/data-folder.ts';

const { values } = parseArgs({ options: { quick: { type: 'boolean', default: false } } });
const { quick } = values;
const measuredOn = environment();

const simulated = async () => {
  const parameters = quick ? quickSim : fullSim;
  const data = await dataFolder();
  if (data.kind === 'missing') say(`traffic is drawn, not read: ${data.reason}`);
  const isRead = data.kind === 'found';
  const { figures, results } = await measureSim(parameters, isRead ? data.folder : undefined);
  const [seed] = parameters.seeds;
  if (!quick) {
    const file = join(repositoryRoot, 'bench', 'results', 'autoscale');
    await drawFiles(file, followPlot(results.filter((result) => result.seed === seed)));
  }
  const sources = {
    source_conversation: isRead ? 'azure' : 'drawn',
    source_images: isRead ? 'servegen' : 'drawn',
  };
  const kept = results.map(({ points, ...result }) => ({
    ...result,
    ...(result.seed === seed && { points }),
  }));
  return { figures: { ...figures, ...sources }, raw: { parameters, results: kept } };
};

const { figures, raw } = await simulated();
await report('autoscale', quick, figures, { ...measuredOn, ...raw });
