import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { kindOfWork, noRatios, observeRatio, ratioNow, ratioOf } from './observed-ratio.ts';

/** So many that took `times` of what was expected, one a second. */
const seen = (count: number, times: number, from = noRatios, fromMs = 0) =>
  Array.from({ length: count }, (_, index) => fromMs + index).reduce(
    (ratios, atMs) => observeRatio(ratios, { observedMs: 1000 * times, expectedMs: 1000 }, atMs),
    from,
  );

describe('what expectations are to be multiplied by', () => {
  it('says nothing before it has seen enough, nor of what is long ago', () => {
    expect(ratioNow(seen(7, 3), 10, 0.5)).toBe(1);
    expect(ratioNow(seen(8, 3), 10, 0.5)).toBeCloseTo(3, 1);
    expect(ratioNow(seen(8, 3), 40_000, 0.5)).toBe(1);
  });

  it('is not moved by a few that were struck, and follows a change', () => {
    const mostly = seen(12, 100, seen(40, 1));
    expect(ratioNow(mostly, 60, 0.5)).toBeCloseTo(1, 1);
    expect(ratioNow(mostly, 60, 0.8)).toBe(8);
    expect(ratioNow(seen(64, 2, mostly), 100, 0.8)).toBeCloseTo(2, 1);
  });

  it('does not make much of milliseconds', () => {
    expect(ratioOf(5, 0)).toBeLessThan(2);
    expect(ratioOf(0, 5)).toBeGreaterThan(0.5);
  });

  it('is within bounds, remembers few, and is higher for more of what was seen (property)', () => {
    const ms = fc.double({ min: 0, max: 1e9, noNaN: true });
    const observed = fc.array(fc.record({ observedMs: ms, expectedMs: ms }), { maxLength: 150 });
    fc.assert(
      fc.property(observed, (all) => {
        const ratios = all.reduce((sum, one) => observeRatio(sum, one, 0), noRatios);
        expect(ratios.length).toBeLessThanOrEqual(64);
        const [median, most] = [ratioNow(ratios, 0, 0.5), ratioNow(ratios, 0, 0.8)];
        expect(median).toBeGreaterThanOrEqual(1 / 8);
        expect(most).toBeLessThanOrEqual(8);
        expect(most).toBeGreaterThanOrEqual(median);
      }),
    );
  });

  it('tells work with media and of other sizes apart, in few kinds', () => {
    const kinds = new Set<string>();
    for (let prefillTokens = 0; prefillTokens < 1e6; prefillTokens = prefillTokens * 2 + 1) {
      for (const encodeJobs of [0, 1, 5]) kinds.add(kindOfWork({ encodeJobs, prefillTokens }));
    }
    expect(kinds.size).toBeLessThanOrEqual(16);
    expect(kindOfWork({ encodeJobs: 0, prefillTokens: 50 })).not.toBe(
      kindOfWork({ encodeJobs: 0, prefillTokens: 50_000 }),
    );
  });
});
