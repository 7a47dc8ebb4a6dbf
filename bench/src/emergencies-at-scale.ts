/**
 * Who loses what when a room of 1,024 GPUs loses cooling or power, or the weather turns: experiments/emergencies.yaml by `isotherm simulate`.
 *
 * Measured, by who gives (`isotherm`: our own work first; `uniform`: everybody below a limit by the same share; `hardware`: nobody
 * plans), over the five kinds of half an hour each in an hour, three seeds:
 * - `shut_downs`: GPUs and servers that switched themselves off and breakers that opened, summed over the kinds, mean of the seeds.
 * - `opaque_capped_time_share`: share of the hour of opaque servers with a cap of ours. What the row's brake slows is in
 *   `power_time_share`: share of all GPUs' time with a clock lowered by power, uniform caps included.
 * - `goodput_share`: answers within both targets ÷ requests that came.
 *
 * How to read it: figures do not depend on the machine. Each kind by itself is in the raw result and in the page that is written to
 * .isotherm/bench/emergencies-at-scale. Raw result: bench/results/emergencies-at-scale.json. Three minutes on two cores.
 *
 * Usage: npm run bench -- emergencies-at-scale [--quick]
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { environment } from './report/environment.ts';
import { repositoryRoot } from './report/repository.ts';
import { report } from './report/result.ts';
import { scaleFigures } from './emergencies-at-scale/scale-figures.ts';
import { simulated } from './tapas/simulated.ts';

const { values } = parseArgs({ options: { quick: { type: 'boolean', default: false } } });
const { quick } = values;
const measuredOn = environment();
const out = join(repositoryRoot, '.isotherm', 'bench', 'emergencies-at-scale');
const words = quick ? ['--seeds', '1', '--hours', '0.75'] : [];
const { arms, runs } = await simulated({
  ...{ name: 'emergencies', out: quick ? join(out, 'quick') : out, words },
});
await report('emergencies-at-scale', quick, scaleFigures(arms), {
  ...{ ...measuredOn, parameters: { words }, arms, runs },
});
