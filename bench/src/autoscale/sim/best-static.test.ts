import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { bestStatic } from './best-static.ts';
import type { Counts } from './run-fleet.ts';

const ample = { encode: 6, prefill: 9, decode: 5 };

/** In time is what the two scarcest stages let through together: never less with an instance more. */
const attainmentBy =
  (needed: Required<Pick<Counts, 'encode' | 'prefill' | 'decode'>>) =>
  (counts: Counts): number => {
    const late = (['encode', 'prefill', 'decode'] as const).map(
      (role) => 0.006 * Math.max(0, needed[role] + 1 - (counts[role] ?? 0)) ** 2,
    );
    return 1 - late.reduce((sum, share) => sum + share, 0);
  };
const sizeOf = ({ encode = 0, prefill = 0, decode = 0 }: Counts): number =>
  encode + prefill + decode;

describe('the search for the smallest fixed fleet', () => {
  it('finds none that is larger than the smallest of all', () => {
    const needed = fc.record({
      encode: fc.integer({ min: 1, max: 5 }),
      prefill: fc.integer({ min: 1, max: 8 }),
      decode: fc.integer({ min: 1, max: 4 }),
    });
    fc.assert(
      fc.property(needed, (each) => {
        const attainmentOf = attainmentBy(each);
        const { best, tried } = bestStatic(ample, 0.99, attainmentOf);
        let smallest = Infinity;
        for (let encode = 1; encode <= 6; encode += 1)
          for (let prefill = 1; prefill <= 9; prefill += 1)
            for (let decode = 1; decode <= 5; decode += 1) {
              const counts = { encode, prefill, decode };
              if (attainmentOf(counts) >= 0.99) smallest = Math.min(smallest, sizeOf(counts));
            }
        expect(best.attainment).toBeGreaterThanOrEqual(0.99);
        expect(sizeOf(best.counts)).toBe(smallest);
        expect(tried.length).toBeLessThan(60);
      }),
      { numRuns: 50 },
    );
  });

  it('says so where not even what it begins with is enough', () => {
    expect(() => bestStatic(ample, 0.99, () => 0.5)).toThrow('is enough');
  });
});
