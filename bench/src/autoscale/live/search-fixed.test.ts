import { describe, expect, it } from '@jest/globals';
import type { FixedSize } from './fixed-sizes.ts';
import { searchFixed } from './search-fixed.ts';

const size = (encoder: number, attainment: number): FixedSize => ({
  ...{ counts: { encoder, prefill: 1, decode: 1 }, attainment },
});
const sizes = [size(1, 0.5), size(2, 0.98), size(3, 0.991), size(4, 1), size(5, 1)];

/** Live runs in which sizes from this number of encoders on keep the SLO. */
const search = async (enough: number, runsMax = 9) => {
  const { fixed, best, isSmallest } = await searchFixed(
    sizes,
    { runsMax, attainmentMin: 0.99 },
    (counts) =>
      Promise.resolve({ counts, lost: 0, attainment: counts.encoder >= enough ? 0.995 : 0.9 }),
  );
  const tried = fixed.map(({ counts }) => counts.encoder);
  return { tried, best: best?.counts.encoder, isSmallest };
};

describe('the search for the smallest fixed size', () => {
  it('begins where the simulator says, and asks one less', async () => {
    expect(await search(3)).toEqual({ tried: [3, 2], best: 3, isSmallest: true });
  });

  it('goes down while live runs keep the SLO, and up while they do not', async () => {
    expect(await search(2)).toEqual({ tried: [3, 2, 1], best: 2, isSmallest: true });
    expect(await search(5)).toEqual({ tried: [3, 4, 5], best: 5, isSmallest: true });
  });

  it('ends with the sizes, and with the runs that it may make', async () => {
    expect(await search(9)).toEqual({ tried: [3, 4, 5], best: undefined, isSmallest: false });
    expect(await search(1, 1)).toEqual({ tried: [3], best: 3, isSmallest: false });
  });
});
