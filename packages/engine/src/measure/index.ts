/** Entry `@isotherm/engine/measure`: what stages take on this machine. */
export {
  type DecodeContext,
  measureDecode,
  measureEncode,
  measurePrefill,
  type Measuring,
  promptOf,
} from './measure-stages.ts';
export { type LoadOptions, measureLoad } from './measure-load.ts';
export { processorEnergy } from './processor-energy.ts';
export { type EnergyMeter, type RunBounds, quantile } from './timed-runs.ts';
