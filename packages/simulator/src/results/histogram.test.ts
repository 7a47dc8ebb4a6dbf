import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createHistogram } from './histogram.ts';

describe('a histogram', () => {
  it('has quantiles within 0.4 % of the sorted values (property)', () => {
    const values = fc.array(fc.double({ min: 1e-5, max: 1e12, noNaN: true }), { minLength: 1 });
    fc.assert(
      fc.property(values, fc.double({ min: 0, max: 1, noNaN: true }), (given, share) => {
        const histogram = createHistogram();
        for (const value of given) histogram.add(value);
        const sorted = given.toSorted((a, b) => a - b);
        const exact = sorted[Math.max(0, Math.ceil(share * given.length) - 1)] ?? NaN;
        expect(Math.abs(histogram.quantile(share) / exact - 1)).toBeLessThan(0.004);
        expect(histogram.max).toBe(sorted.at(-1));
      }),
    );
  });

  it('counts a value as often as it is told, and knows its mean', () => {
    const histogram = createHistogram();
    expect([histogram.mean, histogram.max, histogram.quantile(0.5)]).toEqual([NaN, NaN, NaN]);
    histogram.add(10, 9);
    histogram.add(20);
    histogram.add(0);
    expect(histogram.count).toBe(11);
    expect(histogram.mean).toBe(10);
    expect(histogram.quantile(0)).toBe(0);
    expect(histogram.shareUpTo(12)).toBeCloseTo(10 / 11, 9);
  });

  it('adds up with others, also as plain data', () => {
    const [one, other, both] = [createHistogram(), createHistogram(), createHistogram()];
    for (let value = 1; value < 500; value += 1) {
      (value % 3 === 0 ? one : other).add(value);
      both.add(value);
    }
    one.merge(JSON.parse(JSON.stringify(other.state())));
    expect(one.state()).toEqual(both.state());
  });

  it('puts what is out of range at the ends', () => {
    const histogram = createHistogram();
    for (const value of [-1, NaN, 1e300]) histogram.add(value);
    expect(histogram.quantile(0.5)).toBe(0);
    expect(histogram.quantile(1)).toBeGreaterThan(1e15);
  });
});
