import type { InstanceView, Scorer } from '../contract.ts';

/**
 * Prefers the instance with the fewest pending tokens for its capacity (the routing rule of ModServe, section on
 * modality-aware routing: a stage's load is its pending tokens). The least loaded scores 1, the most loaded 0; equal
 * loads all score 1.
 *
 * Own bookings are exact; what instances report covers other routers and lags behind. The larger of the two counts.
 */
export const pendingTokensScorer: Scorer = {
  name: 'pending-tokens',
  score: (instances) => {
    const loads = instances.map(pendingLoad);
    const least = leastOf(loads);
    const spread = greatestOf(loads) - least;
    for (let row = 0; row < loads.length; row += 1) {
      loads[row] = spread === 0 ? 1 : 1 - ((loads[row] ?? 0) - least) / spread;
    }
    return loads;
  },
};

/** Pending tokens of an instance for each unit of its capacity. */
export const pendingLoad = (instance: InstanceView): number =>
  Math.max(instance.bookedTokens, instance.reportedTokens) / Math.max(1, instance.capacity);

/** Not by `Math.min(...)`, which takes an argument for each of a fleet that may be large. */
export const leastOf = (values: readonly number[]): number => {
  let least = Infinity;
  for (const value of values) if (value < least) least = value;
  return least;
};

export const greatestOf = (values: readonly number[]): number => {
  let greatest = -Infinity;
  for (const value of values) if (value > greatest) greatest = value;
  return greatest;
};
