import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { exponential, logarithm, power } from './logarithm.ts';

const near = (value: number, expected: number): boolean =>
  Object.is(value, expected) ||
  Math.abs(value - expected) <= 2e-15 * Math.max(1, Math.abs(expected));

describe('our own logarithm and exponential', () => {
  it('are those of the engine, but for the last digits (property)', () => {
    const positive = fc.double({ min: 0, minExcluded: true, noNaN: true });
    fc.assert(fc.property(positive, (value) => near(logarithm(value), Math.log(value))));
    const small = fc.double({ min: 0.5, max: 2, noNaN: true });
    fc.assert(fc.property(small, (value) => near(logarithm(value), Math.log(value))));
    const exponent = fc.double({ min: -700, max: 709, noNaN: true });
    fc.assert(fc.property(exponent, (value) => near(exponential(value), Math.exp(value))));
  });

  it.each([
    [logarithm(0), -Infinity],
    [logarithm(1), 0],
    [logarithm(-1), NaN],
    [logarithm(Infinity), Infinity],
    [exponential(0), 1],
    [exponential(800), Infinity],
    [exponential(-800), 0],
    [power(2, 10), 1024],
  ])('%d is %d', (value, expected) => {
    if (Number.isFinite(expected)) expect(value).toBeCloseTo(expected, 9);
    else expect(value).toBe(expected);
  });
});
