import { describe, expect, it } from '@jest/globals';
import { autoscaleDefaults } from './autoscale.ts';
import type { LoadMark, ScaleState } from './contract.ts';
import { greatestMean, growthOf, markLoad, meanBefore } from './load-history.ts';

const settings = { ...autoscaleDefaults, loadWindowMs: 40_000, downWindowMs: 200_000 };

/** The marks after looks of ten seconds with these loads. */
const marked = (loads: readonly number[], different = settings): readonly LoadMark[] => {
  let state: Pick<ScaleState, 'loads' | 'sampledAtMs'> = { loads: [], sampledAtMs: undefined };
  loads.forEach((loadTokensPerS, at) => {
    const sample = {
      atMs: at * 10_000,
      loadTokensPerS,
      capacityTokensPerS: 1,
      ready: 1,
      startMs: 0,
    };
    state = { loads: markLoad(state, sample, different), sampledAtMs: sample.atMs };
  });
  return state.loads;
};
const last = (loads: readonly LoadMark[]): number => meanBefore(loads, loads.length - 1, 40_000);

describe('the history of a load', () => {
  it('is the mean of a window, by how long each sample is of', () => {
    expect(last(marked([800, 100, 200, 300, 400]))).toBe(250);
    const uneven = [{ fromMs: 0, spanMs: 30_000, tokensPerS: 100 }];
    expect(last([...uneven, { fromMs: 10_000, spanMs: 10_000, tokensPerS: 500 }])).toBe(200);
    expect(last([])).toBe(0);
  });

  it('puts samples together that lie within a quarter of the window', () => {
    // The first is taken for as long as a part.
    const marks = marked([100, 400, 100, 300], { ...settings, loadWindowMs: 80_000 });
    expect(marks.map(({ tokensPerS }) => tokensPerS)).toEqual([200, 200]);
  });

  it('forgets what is older than it has to remember, and is bounded', () => {
    expect(greatestMean(marked([900, ...Array(30).fill(100)]), 40_000)).toBe(100);
    expect(greatestMean(marked([900, ...Array(10).fill(100)]), 40_000)).toBe(900);
    const long = { ...settings, loadWindowMs: 1, downWindowMs: 1e12 };
    expect(marked(Array(2000).fill(1), long).length).toBeLessThanOrEqual(256);
  });

  it('takes what is no number for nothing', () => {
    expect(last(marked([Number.NaN, -5, Infinity, 100]))).toBe(25);
  });

  it('grows by what the last window has more than all before it, and never shrinks', () => {
    const ramp = marked(Array.from({ length: 20 }, (_, at) => 100 * at));
    expect(growthOf(ramp, 40_000) * 10_000).toBeGreaterThan(80);
    expect(growthOf(ramp, 40_000) * 10_000).toBeLessThan(110);
    expect(growthOf(marked(Array.from({ length: 20 }, (_, at) => 100 - at)), 40_000)).toBe(0);
    expect(growthOf([], 40_000)).toBe(0);
  });
});
