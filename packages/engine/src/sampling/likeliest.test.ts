import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { likeliest } from './likeliest.ts';

describe('likeliest', () => {
  it('is the head of the sorted vocabulary, the lower id first among equals', () => {
    const value = fc.oneof(fc.integer({ min: -3, max: 3 }), fc.constantFrom(-Infinity, Number.NaN));
    fc.assert(
      fc.property(fc.array(value, { maxLength: 60 }), fc.nat(70), (values, count) => {
        const sorted = values
          .map((_, token) => token)
          .filter((token) => !Number.isNaN(values[token]))
          .sort((a, b) => {
            const [first = 0, second = 0] = [values[a], values[b]];
            return first === second ? a - b : second - first;
          });
        expect(likeliest(Float32Array.from(values), count)).toEqual(sorted.slice(0, count));
      }),
    );
  });
});
