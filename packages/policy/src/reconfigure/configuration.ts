import type { Configuration } from './contract.ts';

/** A configuration as a key and in traces: `panel int8 tp1 b16 c0.80`. */
export const configurationKey = (configuration: Configuration): string => {
  const { model, precision, parallelism, batchMax, clockShare } = configuration;
  return `${model} ${precision} tp${parallelism} b${batchMax} c${clockShare.toFixed(2)}`;
};

/** Whether an instance has to load anything to go from one to the other. */
export const needsReload = (from: Configuration, to: Configuration): boolean =>
  from.model !== to.model || from.precision !== to.precision || from.parallelism !== to.parallelism;
