import type { Role } from '@isotherm/simulator';
import type { TrafficName } from './traffic.ts';

export interface SimTraffic {
  readonly name: TrafficName;
  readonly copies: number;
  readonly hoursMax: number;
  /** Instances of each stage that are surely enough: where the search for the smallest fixed fleet begins. */
  readonly ample: Readonly<Partial<Record<Role, number>>>;
}

export interface SimParameters {
  readonly profile: string;
  readonly sloTimes: number;
  readonly attainmentMin: number;
  readonly seeds: readonly number[];
  /** Times between looks of the autoscaler, and between points that are kept for the plot. */
  readonly lookMs: number;
  readonly pointMs: number;
  readonly traffics: readonly SimTraffic[];
}

const common = {
  ...{ profile: 'internvl-2.5-26b', sloTimes: 10, attainmentMin: 0.99 },
  ...{ lookMs: 10_000 },
} as const;

export const fullSim: SimParameters = {
  ...{ ...common, seeds: [1, 2, 3], pointMs: 60_000 },
  traffics: [
    { name: 'conversation', copies: 4, hoursMax: 1, ample: { prefill: 34, decode: 6 } },
    { name: 'images', copies: 1, hoursMax: 24, ample: { encode: 8, prefill: 24, decode: 4 } },
  ],
};

/** Parts of the same: they show that it works. */
export const quickSim: SimParameters = {
  ...{ ...common, seeds: [1], pointMs: 10_000 },
  traffics: [
    { name: 'conversation', copies: 2, hoursMax: 0.5, ample: { prefill: 20, decode: 4 } },
    { name: 'images', copies: 1, hoursMax: 0.5, ample: { encode: 8, prefill: 24, decode: 3 } },
  ],
};
