import { thermalReasons, throttleReasons } from '@isotherm/plant';
import type { Reading } from '../telemetry/reading.ts';

export interface ThrottleEvents {
  readonly thermal: number;
  readonly power: number;
}

/** Counts how often GPUs began to be throttled, by what they report. */
export interface ThrottleCounter {
  hear(reading: Reading): void;
  readonly events: ThrottleEvents;
}

const powerReasons = throttleReasons.SwPowerCap | throttleReasons.HwPowerBrakeSlowdown;

export const createThrottleCounter = (): ThrottleCounter => {
  const last = new Map<string, number>();
  let thermal = 0;
  let power = 0;
  return {
    hear: ({ of: { id }, quantity, value }) => {
      if (quantity !== 'throttle_reasons') return;
      const before = last.get(id) ?? 0;
      const begun = (mask: number): boolean => (value & mask) !== 0 && (before & mask) === 0;
      if (begun(thermalReasons)) thermal += 1;
      if (begun(powerReasons)) power += 1;
      last.set(id, value);
    },
    get events() {
      return { thermal, power };
    },
  };
};
