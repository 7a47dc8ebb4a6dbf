import { describe, expect, it } from '@jest/globals';
import { marginOf, reserveWeightOf, splitGpus } from './split-gpus.ts';

const pool = (busyInstances: number, size = 1) => ({ size, busyInstances });

describe('how GPUs are split', () => {
  it('uses all of them, the fullest pool with the most', () => {
    const counts = splitGpus([pool(30), pool(10), pool(3)], 64);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(64);
    expect(counts[0]).toBeGreaterThan(counts[1] ?? 64);
    expect(counts[1]).toBeGreaterThan(counts[2] ?? 64);
  });

  it('leaves a small pool a larger share of reserve', () => {
    const [large = 0, small = 0] = splitGpus([pool(36), pool(1)], 50);
    expect(small / 1).toBeGreaterThan(large / 36);
  });

  it('has one instance of each where there is nothing to do, and never more GPUs than there are', () => {
    const counts = splitGpus([pool(0, 4), pool(0, 1), pool(50, 2)], 16);
    expect(counts[0]).toBe(1);
    expect(counts[1]).toBeGreaterThanOrEqual(1);
    expect(4 * (counts[0] ?? 0) + (counts[1] ?? 0) + 2 * (counts[2] ?? 0)).toBeLessThanOrEqual(16);
    expect(counts[2]).toBe(5);
  });

  it('finds a good layout again from the reserves that it has', () => {
    const busy = [45, 16, 10];
    const good = [71, 44, 13];
    const pools = busy.map((busyInstances, at) => ({
      ...{ size: 1, busyInstances },
      reserveWeight: reserveWeightOf(good[at] ?? 0, busyInstances),
    }));
    expect(splitGpus(pools, 128)).toEqual(good);
    expect(marginOf(pools, good)).toBeCloseTo(1);
    const half = pools.map((pool) => ({ ...pool, busyInstances: pool.busyInstances / 2 }));
    const [, prompts = 0, answers = 0] = splitGpus(half, 128);
    expect(prompts / 8).toBeGreaterThan(answers / 5);
  });

  it('shares what is too little by the same rule', () => {
    const counts = splitGpus([pool(40), pool(40)], 40);
    expect(counts).toEqual([20, 20]);
    expect(marginOf([pool(40), pool(40)], counts)).toBeLessThan(0);
  });
});
