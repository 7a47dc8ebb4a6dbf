import { describe, expect, it } from '@jest/globals';
import { linearProfile, type ProfileEntry } from '@isotherm/kernel';
import { autoscaleDefaults } from '@isotherm/policy';
import { firstPool, type InstanceReading, nextPool, type PoolPlan } from './pool.ts';

const entryOf = (stage: ProfileEntry['stage']): ProfileEntry => ({
  ...linearProfile(
    {
      ...{ stage, model: 'm', hardware: 'cpu', gpus: 0, precision: 'fp32' },
      ...{ batchMax: 1, source: 's' },
    },
    { fixedMs: 100 },
  ),
  ...{ name: stage, startS: 0, load: [] },
});
const encoders: PoolPlan = {
  ...{ service: 'encoder', entry: entryOf('encode'), tokens: 50, targetMs: 500 },
};
const decoders: PoolPlan = {
  ...{ service: 'decode', entry: entryOf('decode'), tokens: 50, targetMs: 500 },
};

/** One that had work all the time since the start. */
const busy = (instanceId: string, atMs: number, pendingTokens: number): InstanceReading => ({
  ...{ instanceId, busyMs: atMs, jobMs: atMs, pendingTokens, clockShare: 1 },
  headroomShare: undefined,
});

/** The load that is seen between two readings a second apart. */
const loadOf = (
  plan: PoolPlan,
  before: readonly InstanceReading[],
  after: readonly InstanceReading[],
  cameShare?: number,
): number | undefined => {
  const first = nextPool(
    firstPool(plan, 1),
    { atMs: 1000, attainment: undefined, instances: before },
    autoscaleDefaults,
  );
  const came = cameShare === undefined ? {} : { cameShare };
  const reading = { atMs: 2000, attainment: undefined, instances: after, ...came };
  return nextPool(first.pool, reading, autoscaleDefaults).step?.sample.loadTokensPerS;
};

describe('the load of a pool', () => {
  it('is what was worked through, and what has piled up besides', () => {
    expect(loadOf(encoders, [busy('a', 1000, 0)], [busy('a', 2000, 0)])).toBeCloseTo(500);
    expect(loadOf(encoders, [busy('a', 1000, 100)], [busy('a', 2000, 900)])).toBeCloseTo(1300);
  });

  it('is less than what is worked through while that has come before', () => {
    expect(loadOf(encoders, [busy('a', 1000, 900)], [busy('a', 2000, 600)])).toBeCloseTo(200);
    expect(loadOf(encoders, [busy('a', 1000, 900)], [busy('a', 2000, 0)])).toBe(0);
  });

  it('has what new instances were given, and not what those took along that have left', () => {
    const before = [busy('a', 1000, 100), busy('b', 1000, 5000)];
    const after = [busy('a', 2000, 100), busy('c', 0, 200)];
    expect(loadOf(encoders, before, after)).toBeCloseTo(700);
  });

  it('has those who wait for their turn, or were turned away', () => {
    const [before, after] = [[busy('a', 1000, 0)], [busy('a', 2000, 0)]];
    expect(loadOf(encoders, before, after, 1.5)).toBeCloseTo(750);
    expect(loadOf(encoders, before, [busy('a', 2000, 200)], 1.5)).toBeCloseTo(950);
    expect(loadOf(decoders, before, after, 1.5)).toBeCloseTo(15);
  });

  it('is of decode what was worked through alone: how long answers will be nobody knows', () => {
    expect(loadOf(decoders, [busy('a', 1000, 0)], [busy('a', 2000, 900)])).toBeCloseTo(10);
  });
});
