/**
 * What TAPAS' three levers give a room of 1,024 GPUs over a week, what stages and trends add, and how much oversubscription it bears.
 *
 * Runs experiments/tapas.yaml (a week, every arm) and experiments/tapas-oversubscription.yaml (a day, 0 to 50 %) by `isotherm simulate`;
 * what is real, drawn and assumed in them stands in their heads.
 *
 * Measured, each against the same room and requests without levers, as relative changes (negative is less); the median of the seeds'
 * own figures, with the least and the most of them in the raw result (`spread`, `bySeed`). Rows of arms in the raw result:
 * requests of all seeds together, temperatures and powers the highest of all seeds, events and times their means.
 * - `peak_row_power_change`, `power_throttle_change`: power and air both 40 % oversubscribed. An event is a GPU whose clock power begins
 *   to lower: a cap or a row's brake.
 * - `max_temperature_change` (of degrees Celsius, as we read the paper's figure), `thermal_throttle_change`: only air oversubscribed, by 50 %.
 *   With both, rows are braked before an aisle is too hot; `max_temperature_change_power_bound` is what it is there. `heat_shut_downs`:
 *   servers that switched themselves off by their inlet. Our A100s are cool enough to do so before they throttle.
 * - `capped_time_share_at_40`: share of all GPUs' time with a clock lowered by power, all levers. What plans slow down by themselves
 *   is `slowed_time_share` in the raw result.
 * - `p99_ratio`: time to first token, 99th percentile, of the image-text service: all levers and 40 % oversubscribed ÷ no levers
 *   and not oversubscribed.
 * - The same with `_stages`: plans and routing know stages; with `_stages_trend`: and trends.
 *
 * How to read it: null where nothing happened without levers, so that nothing can be less. Figures do not depend on the machine.
 * `--folder` keeps runs as they end (default .isotherm/bench/tapas): started again it goes on where it was. `--seeds N` takes the
 * first N of five, `--sweep-seeds N` for the sweep alone; `--hours N` the first N hours of the week (each length in a folder of its own).
 * `--quick`: one seed, 18 hours, five arms, no sweep.
 * Raw result and plots: bench/results/tapas.json, tapas.svg, tapas.png. A seed takes a quarter of an hour of two idle cores: 12 minutes
 * the week (2 for each day), 4 the sweep.
 *
 * Usage: npm run bench -- tapas [--quick] [--seeds N] [--sweep-seeds N] [--hours N] [--folder FOLDER]
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { environment } from './report/environment.ts';
import { repositoryRoot } from './report/repository.ts';
import { report, say } from './report/result.ts';
import { drawFiles } from './report/svg.ts';
import { dataFolder } from './tapas/data-folder.ts';
import { overSeeds } from './tapas/over-seeds.ts';
import { simulated } from './tapas/simulated.ts';
import { tapasFigures } from './tapas/tapas-figures.ts';
import { tapasPlot } from './tapas/tapas-plot.ts';

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    seeds: { type: 'string', default: '5' },
    'sweep-seeds': { type: 'string' },
    hours: { type: 'string' },
    folder: { type: 'string' },
  },
});
const { quick, seeds, hours } = values;
const quickArms = ['oblivious', 'all', 'not-oversubscribed', 'cooling-oblivious', 'cooling-all'];
const measuredOn = environment();
const data = await dataFolder();
if (data.kind === 'missing') {
  say(`tapas was skipped: ${data.reason}`);
  process.stdout.write(`${JSON.stringify({ skipped: data.reason })}\n`);
} else {
  const base = values.folder ?? join(repositoryRoot, '.isotherm', 'bench', 'tapas');
  const out = quick ? join(base, 'quick') : base;
  const words = quick
    ? ['--seeds', '1', '--hours', '18', ...quickArms.flatMap((arm) => ['--arm', arm])]
    : ['--seeds', seeds, ...(hours === undefined ? [] : ['--hours', hours])];
  const sweepWords = ['--seeds', values['sweep-seeds'] ?? seeds];
  const week = await simulated({ name: 'tapas', out, words, dataFolder: data.folder });
  const sweep = quick
    ? { arms: [] }
    : await simulated({
        name: 'tapas-oversubscription',
        out,
        words: sweepWords,
        dataFolder: data.folder,
      });
  if (!quick) {
    const file = join(repositoryRoot, 'bench', 'results', 'tapas');
    await drawFiles(file, tapasPlot(week.arms, sweep.arms));
  }
  const { figures, spread, bySeed } = overSeeds(week.runs, tapasFigures);
  await report('tapas', quick, figures, {
    ...{ ...measuredOn, parameters: { words, sweepWords }, spread, bySeed },
    ...{ arms: week.arms, sweep: sweep.arms, runs: week.runs },
  });
}
