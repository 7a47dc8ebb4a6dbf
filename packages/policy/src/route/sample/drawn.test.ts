import { expect, it } from '@jest/globals';
import { seededRandom } from '@isotherm/kernel';
import fc from 'fast-check';
import { drawnInto } from './drawn.ts';

it('draws so many different ones, all there are where there are fewer (property)', () => {
  fc.assert(
    fc.property(fc.nat(20), fc.nat(20), fc.nat(), (length, count, seed) => {
      const items = Array.from({ length }, (_, index) => index);
      const sample = [99];
      drawnInto(sample, items, count, seededRandom(seed));
      expect(new Set(sample).size).toBe(Math.min(length, count));
      expect(sample.every((item) => items.includes(item))).toBe(true);
    }),
  );
});
