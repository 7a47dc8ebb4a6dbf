import { describe, expect, test } from '@jest/globals';
import { nextTripShare, secondsUntilTrip, tripSecondsOf } from './trip-curve.ts';

const curve = [
  { loadShare: 1.1, tripS: 1000 },
  { loadShare: 2, tripS: 10 },
] as const;

describe('trip curve', () => {
  test.each([
    [0, Infinity],
    [1.0999, Infinity],
    [1.1, 1000],
    [2, 10],
    [9, 10],
    [Infinity, 10],
    [Number.NaN, Infinity],
  ])('load %d: %d s', (load, expected) => {
    expect(tripSecondsOf(curve, load)).toBeCloseTo(expected, 6);
  });

  test('between points it is straight on log-log paper', () => {
    expect(tripSecondsOf(curve, Math.sqrt(1.1 * 2))).toBeCloseTo(100, 6);
  });

  test('two overloads add up, and a pause makes it forget', () => {
    const half = nextTripShare(0, curve, 2, 5);
    expect(half).toBeCloseTo(0.5, 9);
    expect(nextTripShare(half, curve, 2, 5)).toBe(1);
    expect(secondsUntilTrip(half, curve, 2)).toBeCloseTo(5, 9);
    expect(nextTripShare(half, curve, 0.5, 3000)).toBeLessThan(0.001);
  });
});
