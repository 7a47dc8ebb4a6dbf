import type { RisePoint } from '../predict/gpu-temperature.ts';

/** What the fit found for a class; `baseC` is the temperature at no power, in a room of unknown inlet. */
export interface FittedTemperature {
  readonly baseC: number;
  readonly rise: readonly RisePoint[];
  /** Mean absolute error in K, on months that were predicted from earlier ones. */
  readonly staticMaeC: number;
  /** The same with an offset and a scale that follow what was measured before each hour. */
  readonly onlineMaeC: number;
}

/**
 * Written by `npm run bench -- plant-fit`; not to be edited. Source: hourly means of servers of Cornell's BioHPC, 2022 to
 * 2025 (github.com/charlottegressel/dc_workload_pipeline, MIT). Fitted on all months; errors are of held-out ones.
 */
export const fittedTemperatures = {
  a40: {
    baseC: 28.12,
    rise: [
      { powerW: 0, riseK: 0 },
      { powerW: 22, riseK: 2.69 },
      { powerW: 60, riseK: 5.59 },
      { powerW: 120, riseK: 20.01 },
      { powerW: 180, riseK: 31.49 },
      { powerW: 240, riseK: 37.42 },
      { powerW: 350, riseK: 43.42 },
    ],
    staticMaeC: 1.69,
    onlineMaeC: 0.69,
  },
  a100: {
    baseC: 25.93,
    rise: [
      { powerW: 0, riseK: 0 },
      { powerW: 44, riseK: 8.85 },
      { powerW: 60, riseK: 16.28 },
      { powerW: 120, riseK: 29.92 },
      { powerW: 180, riseK: 33.79 },
      { powerW: 240, riseK: 56.22 },
      { powerW: 350, riseK: 70.18 },
    ],
    staticMaeC: 2.28,
    onlineMaeC: 1.12,
  },
  h100: {
    baseC: 30.77,
    rise: [
      { powerW: 0, riseK: 0 },
      { powerW: 50, riseK: 5.05 },
      { powerW: 60, riseK: 7.85 },
      { powerW: 120, riseK: 19.6 },
      { powerW: 180, riseK: 27.36 },
      { powerW: 240, riseK: 31.02 },
      { powerW: 350, riseK: 35.68 },
    ],
    staticMaeC: 1.38,
    onlineMaeC: 0.77,
  },
  rtx6000ada: {
    baseC: 32.75,
    rise: [
      { powerW: 0, riseK: 0 },
      { powerW: 11, riseK: 1.31 },
      { powerW: 60, riseK: 1.83 },
      { powerW: 120, riseK: 18.18 },
      { powerW: 180, riseK: 29.67 },
      { powerW: 240, riseK: 36.67 },
      { powerW: 350, riseK: 43.43 },
    ],
    staticMaeC: 1.87,
    onlineMaeC: 0.91,
  },
} as const satisfies Readonly<Record<string, FittedTemperature>>;
