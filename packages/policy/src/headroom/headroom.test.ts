import { describe, expect, it } from '@jest/globals';
import { boundedShare, conservativeHeadroom } from './headroom.ts';

describe('headroom', () => {
  it('that is assumed says so, and has no kind more than another', () => {
    expect(conservativeHeadroom(0.2)).toEqual({
      ...{ powerShare: 0.2, coreShare: 0.2, memoryShare: 0.2 },
      ...{ binding: { level: 'server', id: '' }, conservative: true },
    });
  });

  it.each([
    [0.3, 0.3],
    [-1, 0],
    [7, 1],
    [Infinity, 1],
    [NaN, 0],
  ])('a share of %d counts as %d', (given, expected) => {
    expect(boundedShare(given)).toBe(expected);
  });
});
