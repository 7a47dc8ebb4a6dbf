import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { exponential, power } from './exponential.ts';
import { logarithm } from './logarithm.ts';

const within = (share: number) => (value: number, expected: number, scale: number) =>
  Object.is(value, expected) || Math.abs(value - expected) <= share * scale;
const near = within(2e-15);

describe('our own logarithm and exponential', () => {
  it('are those of the engine, but for the last digits (property)', () => {
    const isLogarithm = (value: number): boolean =>
      near(logarithm(value), Math.log(value), Math.max(1, Math.abs(Math.log(value))));
    const positive = fc.double({ min: 0, minExcluded: true, noNaN: true });
    fc.assert(fc.property(positive, isLogarithm), { numRuns: 2000 });
    const small = fc.double({ min: 0.5, max: 2, noNaN: true });
    fc.assert(fc.property(small, isLogarithm), { numRuns: 2000 });
    const exponent = fc.double({ min: -708, max: 709, noNaN: true });
    const isExponential = (value: number): boolean =>
      near(exponential(value), Math.exp(value), Math.exp(value));
    fc.assert(fc.property(exponent, isExponential), { numRuns: 2000 });
    for (let step = -7080; step <= 7090; step += 1) expect(isExponential(step / 10)).toBe(true);
  });

  it.each([
    [logarithm(0), -Infinity],
    [logarithm(1), 0],
    [logarithm(-1), NaN],
    [logarithm(Infinity), Infinity],
    [exponential(0), 1],
    [exponential(800), Infinity],
    [exponential(Infinity), Infinity],
    [exponential(-800), 0],
    [exponential(-Infinity), 0],
    [exponential(NaN), NaN],
    [power(2, 10), 1024],
  ])('%d is %d', (value, expected) => {
    if (Number.isFinite(expected)) expect(value).toBeCloseTo(expected, 9);
    else expect(value).toBe(expected);
  });

  it('have the same bits on every machine', () => {
    const view = new DataView(new ArrayBuffer(8));
    let sum = 0;
    for (let step = -600; step <= 600; step += 1) {
      view.setFloat64(0, exponential(step / 7) * logarithm(1.5 + step * step));
      sum = Math.imul(sum ^ view.getUint32(0), 0x9e3779b1) ^ view.getUint32(4);
    }
    expect(sum >>> 0).toBe(541_357_892);
  });
});
