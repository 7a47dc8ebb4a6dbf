import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { autoscale, autoscaleDefaults, firstScale } from './autoscale.ts';
import type { ScaleSample, ScaleSettings, ScaleState } from './contract.ts';

const settings: ScaleSettings = { ...autoscaleDefaults, replicasMax: 20, stepDownMax: 20 };
const minuteMs = 60_000;

const sample = (minute: number, load: number, different: Partial<ScaleSample> = {}) => ({
  ...{ atMs: minute * minuteMs, loadTokensPerS: load, capacityTokensPerS: 100 },
  ...{ ready: 1, startMs: 0, ...different },
});

/** The targets after each sample. */
const follow = (
  first: number,
  samples: readonly ScaleSample[],
  different: Partial<ScaleSettings> = {},
): readonly number[] => {
  let state = firstScale(first);
  return samples.map((each) => {
    state = autoscale(state, each, { ...settings, ...different }).state;
    return state.target;
  });
};

describe('the autoscaler', () => {
  it('wants load ÷ capacity instances, rounded up, at once and then every five minutes', () => {
    expect(follow(1, [sample(0, 250), sample(1, 900), sample(4, 900), sample(5, 900)])).toEqual([
      ...[3, 3, 3, 9],
    ]);
  });

  it('plans at once where the SLO is missed, but lets a plan take effect first', () => {
    const missed = (minute: number, load: number) => sample(minute, load, { attainment: 0.98 });
    expect(follow(1, [sample(0, 250), missed(0.4, 900), missed(0.5, 900)])).toEqual([3, 3, 9]);
    expect(follow(1, [sample(0, 250), sample(0.5, 900, { attainment: 0.99 })])).toEqual([3, 3]);
  });

  it('believes less of a profile whose promise was not kept, and nothing less while instances start', () => {
    const missed = (ready: number) => sample(1, 250, { attainment: 0.5, ready });
    expect(follow(3, [sample(0, 250), missed(3)])).toEqual([3, 3]);
    expect(follow(3, [sample(0, 290), { ...missed(3), loadTokensPerS: 290 }])).toEqual([3, 4]);
    expect(follow(3, [sample(0, 290), { ...missed(2), loadTokensPerS: 290 }])).toEqual([3, 3]);
  });

  it('does not doubt the profile of a pool that another stage made late', () => {
    const samples = [1, 2, 3].map((minute) => sample(minute, 120, { attainment: 0.5, ready: 3 }));
    let state = firstScale(3);
    for (const each of samples) state = autoscale(state, each, settings).state;
    expect(state.trust).toBe(1);
  });

  it('plans for the load that there will be once an instance has started, and for no more than twice', () => {
    const growing = [sample(0, 100), sample(5, 200, { startMs: 5 * minuteMs })];
    expect(follow(1, growing)).toEqual([1, 3]);
    expect(follow(1, [sample(0, 100), sample(5, 200, { startMs: 500 * minuteMs })])).toEqual([
      ...[1, 4],
    ]);
  });

  it('gives up only what the load of the last while, and a tenth more, does without', () => {
    const loads = [900, 100, 100, 100].map((load, index) => sample(5 * index, load));
    expect(follow(9, loads)).toEqual([9, 9, 9, 2]);
    expect(follow(9, loads, { stepDownMax: 2 })).toEqual([9, 9, 9, 7]);
  });

  it('keeps spares, bounds and steps', () => {
    expect(follow(1, [sample(0, 250)], { warmSpares: 2 })).toEqual([5]);
    expect(follow(1, [sample(0, 1e9)])).toEqual([20]);
    expect(follow(1, [sample(0, 0)], { replicasMin: 4 })).toEqual([4]);
    expect(follow(1, [sample(0, 900)], { stepUpMax: 3 })).toEqual([4]);
  });

  it('does not grow beyond what power and heat bear, and does not shrink for them', () => {
    expect(follow(4, [sample(0, 900, { replicasBearable: 6 })])).toEqual([6]);
    expect(follow(4, [sample(0, 900, { replicasBearable: 1 })])).toEqual([4]);
  });

  it('keeps what it has where no number of instances would do', () => {
    expect(follow(4, [sample(0, 900, { capacityTokensPerS: 0 })])).toEqual([4]);
  });

  it('says why', () => {
    const decided = (different: Partial<ScaleSample>) => {
      const { decision } = autoscale(firstScale(2), sample(0, 900, different), settings);
      return decision.kind === 'planned' ? decision.trace : undefined;
    };
    expect(decided({ replicasBearable: 5 })).toEqual({
      ...{ reason: 'first', expectedTokensPerS: 900, believedTokensPerS: 100 },
      ...{ wanted: 9, keptUpTo: 10, limitedBy: 'headroom' },
    });
    expect(decided({})?.limitedBy).toBe('none');
    expect(decided({ loadTokensPerS: 1e6 })?.limitedBy).toBe('max');
    expect(decided({ capacityTokensPerS: 0 })?.limitedBy).toBe('capacity');
  });
});

const anyLoad = fc.double({ min: 0, max: 5000, noNaN: true });
const anySettings = fc.record({
  replicasMin: fc.integer({ min: 0, max: 5 }),
  replicasMax: fc.integer({ min: 5, max: 60 }),
  warmSpares: fc.nat(3),
  stepUpMax: fc.integer({ min: 1, max: 60 }),
  stepDownMax: fc.integer({ min: 1, max: 60 }),
  downMarginShare: fc.double({ min: 0, max: 1, noNaN: true }),
});
const anySample = fc.record({
  loadTokensPerS: anyLoad,
  capacityTokensPerS: fc.double({ min: 10, max: 1000, noNaN: true }),
  ready: fc.nat(60),
  startMs: fc.nat(600_000),
  attainment: fc.double({ min: 0, max: 1, noNaN: true }),
  replicasBearable: fc.nat(80),
});

/** A state that a pool may be in after a few samples. */
const after = (
  first: number,
  samples: readonly Omit<ScaleSample, 'atMs'>[],
  all: ScaleSettings,
): ScaleState =>
  samples.reduce(
    (state, each, index) => autoscale(state, { ...each, atMs: index * 6 * minuteMs }, all).state,
    firstScale(first),
  );

describe('the autoscaler (properties)', () => {
  const history = fc.array(anySample, { maxLength: 6 });
  const next = 100 * minuteMs;

  it('never wants fewer for more load', () => {
    fc.assert(
      fc.property(history, anySample, anyLoad, anySettings, (before, one, load, some) => {
        const all = { ...settings, ...some };
        const state = after(10, before, all);
        const at = (loadTokensPerS: number) =>
          autoscale(state, { ...one, atMs: next, loadTokensPerS }, all).state.target;
        return at(Math.min(load, one.loadTokensPerS)) <= at(Math.max(load, one.loadTokensPerS));
      }),
    );
  });

  it('is never below the demand where bounds, steps and the place allow it, and always within bounds and steps', () => {
    fc.assert(
      fc.property(history, anySample, anySettings, (before, one, some) => {
        const all = { ...settings, ...some };
        const state = after(10, before, all);
        const { target } = autoscale(state, { ...one, atMs: next }, all).state;
        const from = Math.max(all.replicasMin, Math.min(all.replicasMax, state.target));
        const demand = Math.ceil(one.loadTokensPerS / one.capacityTokensPerS);
        const reach = Math.min(
          ...[all.replicasMax, from + all.stepUpMax, Math.max(from, one.replicasBearable)],
        );
        return (
          target >= Math.min(demand, reach) &&
          target >= Math.max(all.replicasMin, from - all.stepDownMax) &&
          target <= Math.min(all.replicasMax, from + all.stepUpMax)
        );
      }),
    );
  });

  it('comes to rest under a constant load, in one direction, and stays', () => {
    const constant = { ready: 60, startMs: 0, attainment: 1, replicasBearable: 80 };
    fc.assert(
      fc.property(history, anyLoad, anySettings, (before, load, some) => {
        const all = { ...settings, ...some, trustGrowth: 0 };
        let state = after(10, before, all);
        const targets = Array.from({ length: 70 }, (_, index) => {
          const atMs = next + index * 6 * minuteMs;
          const one = { ...constant, atMs, loadTokensPerS: load, capacityTokensPerS: 100 };
          state = autoscale(state, one, all).state;
          return state.target;
        });
        const changes = targets.slice(1).map((target, index) => target - (targets[index] ?? 0));
        const signs = new Set(changes.filter((change) => change !== 0).map(Math.sign));
        return signs.size <= 1 && changes.slice(-5).every((change) => change === 0);
      }),
    );
  });
});
