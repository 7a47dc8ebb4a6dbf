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
  for (;;) {
    let poorest = -1;
    let least = Infinity;
    pools.forEach((pool, at) => {
      const has = reserveOf(pool, counts[at] ?? 1);
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

/**
 * What the poorest pool has in reserve ÷ what it needs: 1 at the load that a layout bears whose weights it has, less beyond. How
 * busy a pool is would not say it: one that keeps a tight target is full at a quarter, one that batches at nine tenths.
 */
export const marginOf = (pools: readonly PoolLoad[], counts: readonly number[]): number =>
  Math.min(...pools.map((pool, at) => reserveOf(pool, counts[at] ?? 1)));

const reserveOf = ({ busyInstances, reserveWeight = 1 }: PoolLoad, count: number): number => {
  const busy = Math.max(busyMin, busyInstances);
  return (count - busy) / (Math.max(weightMin, reserveWeight) * Math.sqrt(busy));
};
