import { median } from '../report/percentiles.ts';
import type { ArmSpec, Traffic } from './run-arm.ts';
import type { ThreadPool } from './thread-pool.ts';

export interface RateOptions {
  /** Where the search begins, in requests a second. */
  readonly from: number;
  readonly traffic: Traffic;
  readonly sloTimes: number;
  readonly requests: number;
  readonly seeds: readonly number[];
}

/** The median over the seeds of the highest rate of an arm, and what it was like there. */
export const highestRateOf = async (
  threads: ThreadPool,
  profile: string,
  arm: ArmSpec,
  { seeds, ...options }: RateOptions,
) => {
  const found = await Promise.all(
    seeds.map((seed) =>
      threads.run({ kind: 'rate', search: { ...options, profile, arm, seed, within: 0.02 } }),
    ),
  );
  return {
    requestsPerS: median(found.map(({ requestsPerS }) => requestsPerS)),
    seeds: found.map(({ requestsPerS, at }) => ({ requestsPerS, at })),
  };
};
