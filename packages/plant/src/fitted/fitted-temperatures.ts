import type { RisePoint } from '../predict/gpu-temperature.ts';

/** What `npm run bench -- plant-fit` found for a class; `baseC` is the temperature at no power. */
export interface FittedTemperature {
  readonly baseC: number;
  readonly rise: readonly RisePoint[];
  /** Mean absolute error on months that were not fitted. */
  readonly heldOutMaeC: number;
}

/** Straight lines through hourly means; replaced by the fit. */
export const fittedTemperatures = {
  a40: { baseC: 27.5, rise: line(0.14), heldOutMaeC: 2 },
  a100: { baseC: 25.9, rise: line(0.221), heldOutMaeC: 2.4 },
  h100: { baseC: 32.4, rise: line(0.1), heldOutMaeC: 1.9 },
  rtx6000ada: { baseC: 30.8, rise: line(0.147), heldOutMaeC: 2.2 },
} as const satisfies Readonly<Record<string, FittedTemperature>>;

function line(kPerW: number): readonly RisePoint[] {
  return [
    { powerW: 0, riseK: 0 },
    { powerW: 100, riseK: 100 * kPerW },
  ];
}
