import type { PoolLoad } from './contract.ts';

/** A pool without work still has an instance: somebody must take the first request that needs it. */
const busyMin = 0.01;

/** No pool does without any reserve. */
const weightMin = 0.2;

/** How much reserve a pool has in a layout that is known to be good, at the load that it bears. */
export const reserveWeightOf = (count: number, busyInstances: number): number => {
  const busy = Math.max(busyMin, busyInstances);
  return Math.max(weightMin, (count - busy) / Math.sqrt(busy));
};

/**
 * So many instances of each pool that all GPUs are in use and every pool has as many in reserve as it needs: busy + β × weight ×
 * √busy with one β for all, the rule for queues of many servers. Equal shares of reserve would leave small pools, of a few
 * encoders for a few pictures, too full; equal weights would treat prompts, most of whose time is spoken for, like decoding,
 * whose batches have room. At least one instance of each.
 */
export const splitGpus = (pools: readonly PoolLoad[], gpus: number): readonly number[] => {
  const counts = pools.map(() => 1);
  let left = gpus - pools.reduce((sum, { size }) => sum + size, 0);
  const reserve = ({ busyInstances, reserveWeight = 1 }: PoolLoad, at: number): number => {
    const busy = Math.max(busyMin, busyInstances);
    return ((counts[at] ?? 1) - busy) / (Math.max(weightMin, reserveWeight) * Math.sqrt(busy));
  };
  for (;;) {
    let poorest = -1;
    let least = Infinity;
    pools.forEach((pool, at) => {
      const has = reserve(pool, at);
      if (pool.size > left || has >= least) return;
      poorest = at;
      least = has;
    });
    const chosen = pools[poorest];
    if (chosen === undefined) return counts;
    counts[poorest] = (counts[poorest] ?? 1) + 1;
    left -= chosen.size;
  }
};

/** Busy ÷ present instances of the fullest pool: above 1 it falls behind. */
export const strainOf = (pools: readonly PoolLoad[], counts: readonly number[]): number =>
  Math.max(0, ...pools.map(({ busyInstances }, at) => busyInstances / (counts[at] ?? 1)));
