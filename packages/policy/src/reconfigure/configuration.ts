import type { Configuration } from './contract.ts';

/** A configuration as a key and in traces: `panel int8 tp1 b16 c0.80`, with threads `panel int8 tp1 t2 b16 c0.80`. */
export const configurationKey = (configuration: Configuration): string => {
  const { batchMax, clockShare } = configuration;
  return `${loadedKey(configuration)} b${batchMax} c${clockShare.toFixed(2)}`;
};

/** What is loaded; configurations with the same key differ in knobs that are turned at once. */
export const loadedKey = ({ model, precision, parallelism, threads }: Configuration): string =>
  `${model} ${precision} tp${parallelism}${threads === undefined ? '' : ` t${threads}`}`;

/** Whether an instance has to load anything to go from one to the other. */
export const needsReload = (from: Configuration, to: Configuration): boolean =>
  loadedKey(from) !== loadedKey(to);
