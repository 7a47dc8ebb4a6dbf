import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { autoscale, autoscaleDefaults, firstScale } from './autoscale.ts';
import type { ScaleSample, ScaleSettings, ScaleState } from './contract.ts';

const settings: ScaleSettings = {
  ...autoscaleDefaults,
  ...{ replicasMax: 20, stepDownMax: 20, planEveryMs: 300_000, urgentEveryMs: 30_000 },
  ...{ loadWindowMs: 60_000, downWindowMs: 600_000, judgeEveryMs: 120_000 },
};
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
    const loads = [sample(0, 250), sample(4, 290), sample(5, 260), sample(10, 210)];
    expect(follow(1, loads)).toEqual([3, 3, 3, 3]);
    const { decision } = autoscale(firstScale(1), sample(0, 250), settings);
    expect(decision).toMatchObject({ kind: 'planned', trace: { reason: 'first' } });
  });

  it('plans at once where the load has outgrown its target, but lets a plan take effect first', () => {
    expect(follow(1, [sample(0, 250), sample(0.4, 900), sample(1.5, 900)])).toEqual([3, 3, 9]);
  });

  it('plans at once where the SLO is missed, but lets a plan take effect first', () => {
    const missed = { attainment: 0.98, ready: 3 };
    const samples = [sample(0, 280), sample(0.4, 280, missed), sample(0.5, 280, missed)];
    expect(follow(3, samples)).toEqual([3, 3, 4]);
    const kept = samples.map((one) => ({ ...one, ready: 3, attainment: 0.99 }));
    expect(follow(3, kept)).toEqual([3, 3, 3]);
  });

  it('takes the mean of a while for the load, not what one look saw', () => {
    const looks = Array.from({ length: 240 }, (_, at) =>
      sample(at / 6, at % 2 === 0 ? 250 : 650, { ready: 5, attainment: 1 }),
    );
    expect(Math.max(...follow(5, looks))).toBe(5);
  });

  it('asks for one more where a pool is late and taken up, and for none where it has room', () => {
    const late = (load: number) => sample(0.5, load, { attainment: 0.9, ready: 4 });
    expect(follow(4, [sample(0, 390), late(390)])).toEqual([4, 5]);
    expect(follow(4, [sample(0, 320), late(320)])).toEqual([4, 4]);
    expect(follow(4, [sample(0, 390), { ...late(390), ready: 3 }])).toEqual([4, 4]);
  });

  /** Looks of ten seconds over some minutes. */
  const looks = (from: number, to: number, load: number, different: Partial<ScaleSample>) =>
    Array.from({ length: 6 * (to - from) }, (_, at) => sample(from + at / 6, load, different));
  /** Where instances start at once. */
  const stateAfter = (first: number, samples: readonly ScaleSample[]): ScaleState => {
    let state = firstScale(first);
    for (const each of samples) {
      state = autoscale(state, { ...each, ready: state.target }, settings).state;
    }
    return state;
  };

  it('doubts a profile whose promise is not kept under the load that was planned for', () => {
    const missed = { attainment: 0.5 };
    expect(stateAfter(4, looks(0, 2, 320, missed)).trust).toBe(1);
    expect(stateAfter(4, looks(0, 4, 320, missed)).trust).toBeCloseTo(0.9, 9);
    expect(stateAfter(4, looks(0, 9, 320, missed)).target).toBeGreaterThan(4);
  });

  it('doubts it less where less is missing', () => {
    const { trust } = stateAfter(4, looks(0, 4, 320, { attainment: 0.985 }));
    expect(trust).toBeCloseTo(0.95, 9);
  });

  it('does not doubt it for what a burst made late, nor while instances start', () => {
    const burst = [
      ...looks(0, 5, 350, { attainment: 1, ready: 4 }),
      ...looks(5, 8, 1500, { attainment: 0.2, ready: 4 }),
      ...looks(8, 20, 350, { attainment: 1, ready: 16 }),
    ];
    let state = firstScale(4);
    for (const each of burst) state = autoscale(state, each, settings).state;
    expect(state.trust).toBe(1);
    expect(state.target).toBeGreaterThan(4);
  });

  it('believes more of it again bit by bit', () => {
    const doubted = looks(0, 4, 320, { attainment: 0.5 });
    const kept = looks(4, 90, 320, { attainment: 1 });
    const { trust } = stateAfter(4, doubted);
    expect(trust).toBeLessThan(0.91);
    expect(stateAfter(4, [...doubted, ...kept]).trust).toBeGreaterThan(1.04 * trust);
  });

  it('does not doubt the profile of a pool that another stage made late', () => {
    expect(stateAfter(3, looks(0, 10, 120, { attainment: 0.5 })).trust).toBe(1);
  });

  it('lets many instances share what they have to spare', () => {
    const sharing = (load: number) =>
      follow(1, [sample(0, load, { capacityTokensPerS: 25, saturationTokensPerS: 100 })], {
        replicasMax: 1000,
      })[0];
    // One alone bears a quarter of what it does at most: z = 1.5, and 16 + 1.5 · 4 for what keeps 16 busy.
    expect(sharing(25)).toBe(1);
    expect(sharing(1600)).toBe(22);
    expect(follow(1, [sample(0, 1600, { capacityTokensPerS: 25 })], { replicasMax: 1000 })).toEqual(
      [64],
    );
  });

  it('plans for the load that there will be once an instance has started, and for no more than twice', () => {
    const growing = [sample(0, 100), sample(5, 200, { startMs: 5 * minuteMs })];
    expect(follow(1, growing)).toEqual([1, 4]);
    expect(follow(1, [sample(0, 100), sample(5, 110, { startMs: 5 * minuteMs })])).toEqual([1, 2]);
    expect(follow(1, [sample(0, 100), sample(5, 200, { startMs: 500 * minuteMs })])).toEqual([
      ...[1, 4],
    ]);
  });

  it('gives up only what the load of the last while, and a tenth more, does without', () => {
    const loads = [900, 900, 900, 100, 100, 100].map((load, index) => sample(5 * index, load));
    expect(follow(9, loads)).toEqual([9, 9, 9, 9, 9, 2]);
    expect(follow(9, loads, { stepDownMax: 2 })).toEqual([9, 9, 9, 9, 9, 7]);
  });

  it('gives up nothing before it has seen so long', () => {
    expect(
      follow(
        9,
        [0, 1, 5, 9, 10].map((minute) => sample(minute, 100)),
      ),
    ).toEqual([...[9, 9, 9, 9, 2]]);
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
  saturationTokensPerS: fc.double({ min: 1000, max: 4000, noNaN: true }),
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

  it('wants no more with spare capacity that is shared, and never less than what is kept busy', () => {
    const shares = fc.double({ min: 0.05, max: 1, noNaN: true });
    fc.assert(
      fc.property(anySample, shares, ({ loadTokensPerS, capacityTokensPerS }, busyShare) => {
        const one = sample(0, loadTokensPerS, { capacityTokensPerS });
        const all = { ...settings, replicasMin: 0, replicasMax: 1e9, stepUpMax: 1e9 };
        const wantedOf = (each: ScaleSample): number =>
          autoscale(firstScale(0), each, all).state.target;
        const saturationTokensPerS = capacityTokensPerS / busyShare;
        const shared = wantedOf({ ...one, saturationTokensPerS });
        return (
          shared <= wantedOf(one) && shared >= Math.floor(loadTokensPerS / saturationTokensPerS)
        );
      }),
    );
  });

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
        const demand = Math.floor(one.loadTokensPerS / one.saturationTokensPerS);
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
