/**
 * How far off the plant's GPU temperatures and powers are, on months and model families that were not fitted.
 *
 * Measured on data that the project does not own (ISOTHERM_DATA_DIR, else shared/data beside the repository; where to get
 * it: README.md): without them it says so, prints `{"skipped":true,…}` and ends with status 0.
 * - `gpu_temperature_mae_c_CLASS` (a40, a100, h100, rtx6000ada): mean absolute error in K of hourly mean temperatures. Each
 *   month from the fourth on is predicted by a curve of power that was fitted to the months before it, with an offset and a
 *   scale that follow what was measured up to the hour before. `_static_mae_c_`: the curve alone.
 *   `_busy_mae_c_`: hours above 100 W. `_change_mae_c_`: hours whose power changed by more than 50 W.
 * - `naive_mae_c_CLASS`: with the mean of the earlier months instead. `naive_last_month_mae_c_`: the last month's mean.
 *   `naive_last_hour_mae_c_`, `naive_last_hour_change_mae_c_`: the hour before, which is hard to beat while nothing changes and
 *   says nothing of what a decision would do.
 * - `power_error_share`: mean |error| ÷ measured power of served language models whose family was left out;
 *   `power_error_share_FAMILY`; `naive_power_error_share`: with the mean share of rated power of the others instead.
 *   `power_random_error_share`: random tenths left out. `generation_`: the same for picture and video generation;
 *   `prefill_`, `decode_`: of splitwise's phases, one of its two models left out.
 *
 * Two-GPU servers report means of both GPUs; an hour is taken for a mixture of its least and its greatest power. Inlets were
 * not recorded. Left out: seconds (hourly means cannot show the two time constants) and HBM (no data).
 * `--write` also writes the fitted parameters into packages/plant/src/fitted. Plots go to bench/results/plant-fit.
 */
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { missingData, openData } from './plant-fit/data-folder.ts';
import { type FittedClass, powerSource, temperatureSource } from './plant-fit/fitted-source.ts';
import { parseHours } from './plant-fit/hourly.ts';
import { powerPlot, temperaturePlot } from './plant-fit/plots.ts';
import {
  decodeSample,
  fitPower,
  type HeldOutError,
  leaveGroupsOut,
  leaveTenthsOut,
  prefillSample,
  promptTokensMax,
  servingSample,
} from './plant-fit/power-fit.ts';
import {
  parsePhasePower,
  parseServingPower,
  type ServingPower,
} from './plant-fit/serving-power.ts';
import {
  fitTemperature,
  idleOf,
  meanError,
  type Prediction,
  predictMonths,
  riseOf,
} from './plant-fit/temperature-fit.ts';
import { svgOf } from './report/svg.ts';
import { environment } from './report/environment.ts';
import { round } from './report/percentiles.ts';
import { repositoryRoot } from './report/repository.ts';
import { type Figures, report, say } from './report/result.ts';

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
  },
});
const measuredOn = environment();
const dataFolder = resolve(
  process.env['ISOTHERM_DATA_DIR'] ?? join(repositoryRoot, '..', 'shared', 'data'),
);
const plots = join(repositoryRoot, 'bench', 'results', 'plant-fit');
const fitted = join(repositoryRoot, 'packages', 'plant', 'src', 'fitted');

/** Servers of each class; figures of a class are of all its servers' hours, each fitted for itself. */
const classes = {
  a40: { title: 'A40', servers: ['cbsugpu05', 'cbsugpu06'] },
  a100: { title: 'A100 80 GB PCIe', servers: ['cbsugpu07'] },
  h100: { title: 'H100 PCIe', servers: ['cbsugpu08'] },
  rtx6000ada: { title: 'RTX 6000 Ada', servers: ['cbsugpu09'] },
} as const;
const endW = 350;
const busyW = 100;

const temperatureFigures = (name: string, predictions: readonly Prediction[]): Figures => {
  const isBusy = ({ hour }: Prediction): boolean => hour.powerW > busyW;
  const isChange = (prediction: Prediction): boolean => prediction.isChange;
  return {
    [`gpu_temperature_mae_c_${name}`]: round(meanError(predictions, 'onlineC')),
    [`gpu_temperature_static_mae_c_${name}`]: round(meanError(predictions, 'modelC')),
    [`gpu_temperature_busy_mae_c_${name}`]: round(meanError(predictions, 'onlineC', isBusy)),
    [`gpu_temperature_change_mae_c_${name}`]: round(meanError(predictions, 'onlineC', isChange)),
    [`naive_mae_c_${name}`]: round(meanError(predictions, 'trainMeanC')),
    [`naive_last_month_mae_c_${name}`]: round(meanError(predictions, 'lastMonthMeanC')),
    [`naive_last_hour_mae_c_${name}`]: round(meanError(predictions, 'lastHourC')),
    [`naive_last_hour_change_mae_c_${name}`]: round(meanError(predictions, 'lastHourC', isChange)),
  };
};

const powerFigures = (prefix: string, error: HeldOutError): Figures => ({
  [`${prefix}power_error_share`]: round(error.errorShare),
  [`naive_${prefix}power_error_share`]: round(error.naiveErrorShare),
  ...Object.fromEntries(
    Object.entries(error.byGroup).map(([group, one]) => [
      `${prefix}power_error_share_${group.replaceAll(/[^a-z0-9]+/g, '_')}`,
      round(one.errorShare),
    ]),
  ),
});

const writePlot = async (
  name: string,
  specification: Parameters<typeof svgOf>[0],
): Promise<void> => {
  if (values.quick) return;
  await mkdir(plots, { recursive: true });
  await writeFile(join(plots, `${name}.svg`), `${await svgOf(specification)}\n`);
};

const fitClasses = async (
  folder: string,
): Promise<{
  readonly figures: Figures;
  readonly fittedClasses: Record<string, FittedClass>;
  readonly servers: object;
}> => {
  const fittedClasses: Record<string, FittedClass> = {};
  let figures: Figures = {};
  const servers: Record<string, object> = {};
  for (const [name, { title, servers: hosts }] of Object.entries(classes)) {
    const perHost = await Promise.all(
      hosts.map(async (host) => {
        const hours = parseHours(await readFile(join(folder, `${host}_usage_stats.txt`), 'utf8'));
        return { host, hours, predictions: predictMonths(hours), model: fitTemperature(hours) };
      }),
    );
    const predictions = perHost.flatMap((one) => one.predictions);
    const curves = perHost.map(({ model, hours }) => riseOf(model, { idleW: idleOf(hours), endW }));
    const mean = (of: (curve: (typeof curves)[number]) => number): number =>
      curves.reduce((sum, curve) => sum + of(curve), 0) / curves.length;
    const curve = {
      baseC: mean(({ baseC }) => baseC),
      rise: (curves[0]?.rise ?? []).map(({ powerW }, index) => ({
        powerW: index === 1 ? mean(({ rise }) => rise[1]?.powerW ?? powerW) : powerW,
        riseK: mean(({ rise }) => rise[index]?.riseK ?? 0),
      })),
    };
    fittedClasses[name] = {
      curve,
      staticMaeC: meanError(predictions, 'modelC'),
      onlineMaeC: meanError(predictions, 'onlineC'),
    };
    figures = { ...figures, ...temperatureFigures(name, predictions) };
    for (const { host, hours, predictions: own, model } of perHost) {
      servers[host] = {
        ...{ class: name, hours: hours.length, predicted: own.length, coefficients: model },
        mae: { model: meanError(own, 'modelC'), online: meanError(own, 'onlineC') },
        worstMonthMae: worstMonth(own),
      };
    }
    say(
      `${title}: ${round(meanError(predictions, 'onlineC'))} K, naive ${round(meanError(predictions, 'trainMeanC'))} K`,
    );
    await writePlot(
      `temperature-${name}`,
      temperaturePlot(
        `${title}: hourly means, months predicted from earlier ones`,
        predictions,
        curve,
      ),
    );
  }
  return { figures, fittedClasses, servers };
};

const worstMonth = (predictions: readonly Prediction[]): number => {
  const months = [...new Set(predictions.map(({ hour }) => hour.month))];
  return Math.max(
    ...months.map((month) => meanError(predictions, 'onlineC', ({ hour }) => hour.month === month)),
  );
};

const generationTasks = ['text-to-image', 'text-to-video'];

const readServing = async (folder: string): Promise<readonly ServingPower[]> => {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.json')).toSorted();
  const texts = await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')));
  return texts.flatMap((text, index) =>
    parseServingPower(text).map((row) => ({
      ...row,
      task: (files[index] ?? '').replace('.json', ''),
    })),
  );
};

const fitPowers = async (
  mlEnergy: string,
  splitwise: string,
): Promise<{ figures: Figures; source: string; raw: object }> => {
  const rows = await readServing(mlEnergy);
  const isGeneration = ({ task }: ServingPower): boolean => generationTasks.includes(task);
  const language = rows.filter((row) => !isGeneration(row));
  const serving = leaveGroupsOut(language.map(servingSample));
  const random = leaveTenthsOut(language.map(servingSample));
  const generation = leaveGroupsOut(rows.filter(isGeneration).map(servingSample));
  const phases = parsePhasePower(await readFile(splitwise, 'utf8')).filter(
    ({ hardware, promptTokens }) => hardware === 'a100-80gb' && promptTokens <= promptTokensMax,
  );
  const prefill = leaveGroupsOut(phases.map(prefillSample));
  const decode = leaveGroupsOut(phases.map(decodeSample));
  say(`power: ${round(serving.errorShare)}, naive ${round(serving.naiveErrorShare)}`);
  await writePlot(
    'power-serving',
    powerPlot('Served language models: mean power of a GPU', serving),
  );
  await writePlot(
    'power-generation',
    powerPlot('Pictures and videos: mean power of a GPU', generation),
  );
  await writePlot('power-prefill', powerPlot('Prompts on A100: peak power of a GPU', prefill));
  const onH100 = language.filter(({ gpu }) => gpu === 'H100').map(servingSample);
  const source = powerSource({
    serving: fitPower(onH100),
    prefill: fitPower(phases.map(prefillSample)),
  });
  const figures: Figures = {
    ...powerFigures('', serving),
    power_random_error_share: round(random.errorShare),
    ...powerFigures('generation_', generation),
    ...powerFigures('prefill_', prefill),
    ...powerFigures('decode_', decode),
  };
  const counts = {
    language: language.length,
    generation: rows.length - language.length,
    phases: phases.length,
  };
  const raw = {
    counts,
    serving: serving.byGroup,
    generation: generation.byGroup,
    prefill: prefill.byGroup,
    decode: decode.byGroup,
  };
  return { figures, source, raw };
};

const missing = missingData(dataFolder);
if (missing.length > 0) {
  say(
    `skipped: no ${missing.join(', ')} in the data folder (ISOTHERM_DATA_DIR). Where to get them: bench/README.md`,
  );
  process.stdout.write(`${JSON.stringify({ skipped: true, missing: missing.join(', ') })}\n`);
} else {
  const data = await openData(dataFolder);
  try {
    const { figures, fittedClasses, servers } = await fitClasses(data.temperatures);
    const power = await fitPowers(data.mlEnergy, data.splitwise);
    if (values.write) {
      await writeFile(join(fitted, 'fitted-temperatures.ts'), temperatureSource(fittedClasses));
      await writeFile(join(fitted, 'fitted-power.ts'), power.source);
      say('wrote packages/plant/src/fitted');
    }
    const raw = { ...measuredOn, classes: fittedClasses, servers, power: power.raw };
    await report('plant-fit', values.quick, { ...figures, ...power.figures }, raw);
  } finally {
    await data.close();
  }
}
