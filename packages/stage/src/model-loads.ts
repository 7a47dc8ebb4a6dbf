import { basename, delimiter } from 'node:path';
import {
  differenceOf,
  type ModelFolder,
  type Precision,
  precisionsIn,
  readModelFolder,
} from '@isotherm/engine/text';
import { Fault } from '@isotherm/kernel';
import { asPrecision } from './levers.ts';
import { type Loads, loadableText } from './loads.ts';
import { type StageSettings, threadsMax } from './stage-settings.ts';

/** What an ONNX engine is opened with. */
export interface ModelLoad {
  readonly modelDir: string;
  readonly precision: Precision;
  readonly threads: number;
}

type ModelSettings = Pick<StageSettings, 'modelDir' | 'modelVariants' | 'precision' | 'threads'>;

/**
 * The model folder of an instance and those that may take its place, by name: the model's own, or the folder's where that
 * is taken. Faults: `unsupported` for a folder that is no model or cannot take the other's work.
 */
export const modelLoads = async (
  settings: ModelSettings,
): Promise<Loads<ModelLoad> & { readonly folder: ModelFolder }> => {
  const precision = asPrecision(settings.precision);
  const folder = await readModelFolder(settings.modelDir);
  const model = nameOf(folder);
  const folders = new Map([[model, folder]]);
  for (const dir of settings.modelVariants.split(delimiter).filter((each) => each !== '')) {
    const variant = await readModelFolder(dir);
    const difference = await differenceOf(folder, variant);
    if (difference !== undefined) {
      const why = `it has another ${difference}`;
      throw new Fault('unsupported', `${dir} cannot take the place of ${model}: ${why}.`);
    }
    const name = folders.has(nameOf(variant)) ? basename(variant.dir) : nameOf(variant);
    if (folders.has(name)) throw new Fault('invalid_argument', `Two variants are called ${name}.`);
    folders.set(name, variant);
  }
  const loadable = (
    await Promise.all(
      [...folders].map(async ([name, { dir }]) =>
        (await precisionsIn(dir)).map((each) => ({ model: name, precision: each })),
      ),
    )
  ).flat();
  return {
    folder,
    variant: { model, precision, threads: settings.threads },
    loadable,
    load: async (wanted) => {
      const chosen = folders.get(wanted.model);
      if (chosen === undefined) {
        const there = `there are ${[...folders.keys()].join(', ')}`;
        throw new Fault('unsupported', `No variant is called "${wanted.model}"; ${there}.`);
      }
      const as = asPrecision(wanted.precision);
      if (!loadable.some((each) => each.model === wanted.model && each.precision === as)) {
        const there = loadableText(loadable);
        throw new Fault(
          'unsupported',
          `The model ${wanted.model} has no ${as}; there is ${there}.`,
        );
      }
      return { modelDir: chosen.dir, precision: as, threads: threadsOf(wanted.threads) };
    },
  };
};

const nameOf = (folder: ModelFolder): string => folder.facts('fp32').name;

const threadsOf = (threads: number): number => {
  if (Number.isInteger(threads) && threads >= 1 && threads <= threadsMax) return threads;
  throw new Fault('invalid_argument', `Threads are 1 to ${threadsMax}; not ${threads}.`);
};
