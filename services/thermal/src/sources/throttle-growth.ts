import { throttleReasons } from '@isotherm/plant';

/**
 * Counters of the time for which clocks were lowered, in any unit: exporters and controllers count in different ones, and
 * all that is asked is whether they grew.
 */
export interface ThrottleCounters {
  readonly thermal: number | undefined;
  readonly power: number | undefined;
}

/** Bits of the clock event reasons that apply since the last look, by counters that grew. */
export interface ThrottleGrowth {
  /** 0 at the first look and where counters began anew: nothing is known of before. */
  since(gpu: string, now: ThrottleCounters): number;
}

/** A counter sees what is over between two looks, which a gauge of reasons does not. */
export const createThrottleGrowth = (): ThrottleGrowth => {
  const last = new Map<string, ThrottleCounters>();
  return {
    since: (gpu, now) => {
      const before = last.get(gpu);
      last.set(gpu, now);
      return (
        (grew(before?.thermal, now.thermal) ? throttleReasons.SwThermalSlowdown : 0) |
        (grew(before?.power, now.power) ? throttleReasons.SwPowerCap : 0)
      );
    },
  };
};

const grew = (before: number | undefined, now: number | undefined): boolean =>
  before !== undefined && now !== undefined && now > before;
