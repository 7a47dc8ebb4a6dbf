import { describe, expect, it } from '@jest/globals';
import { floatToHalf, halfToFloat } from './half-float.ts';

describe('half floats', () => {
  it('round-trip every number that is not NaN', () => {
    const halves = Uint16Array.from({ length: 65536 }, (_, word) => word).filter(
      (word) => (word & 0x7c00) !== 0x7c00 || (word & 0x3ff) === 0,
    );
    expect(Array.from(floatToHalf(halfToFloat(halves)))).toEqual(Array.from(halves));
  });

  it('round to the nearest, ties to even', () => {
    const inputs = [1 + 2 ** -11, 1 + 3 * 2 ** -11, 65519, 65520, 2 ** -25, 1.5 * 2 ** -24, 1e-9];
    const expected = [1, 1 + 2 ** -9, 65504, Infinity, 0, 2 ** -23, 0];
    expect(Array.from(halfToFloat(floatToHalf(Float32Array.from(inputs))))).toEqual(expected);
    expect(halfToFloat(floatToHalf(Float32Array.of(Number.NaN)))[0]).toBeNaN();
  });
});
