import { describe, expect, it } from '@jest/globals';
import { seededRandom, uniformAt } from './random.ts';

describe('uniformAt', () => {
  it('is a pure function of seed and counter', () => {
    const stream = seededRandom(42);
    const drawn = Array.from({ length: 100 }, stream);
    expect(drawn).toEqual(drawn.map((_, counter) => uniformAt(42, counter)));
  });

  it('is uniform over [0, 1) for neighbouring seeds and counters', () => {
    const bins = new Array<number>(10).fill(0);
    for (let seed = 0; seed < 100; seed++) {
      for (let counter = 0; counter < 100; counter++) {
        const u = uniformAt(seed, counter);
        expect(u).toBeGreaterThanOrEqual(0);
        expect(u).toBeLessThan(1);
        const bin = Math.floor(u * 10);
        bins[bin] = (bins[bin] ?? 0) + 1;
      }
    }
    // 1,000 expected a bin, standard deviation 30: five of them is far beyond chance.
    for (const count of bins) expect(Math.abs(count - 1000)).toBeLessThan(150);
  });
});
