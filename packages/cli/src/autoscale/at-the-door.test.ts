import { describe, expect, it } from '@jest/globals';
import { cameShare } from './at-the-door.ts';

const before = { admitted: 100, refused: 10, waiting: 4 };

describe('requests that came, of those that were let in', () => {
  it('counts who waits and who was turned away', () => {
    expect(cameShare(before, { admitted: 110, refused: 10, waiting: 4 })).toBe(1);
    expect(cameShare(before, { admitted: 110, refused: 12, waiting: 7 })).toBe(1.5);
  });

  it('is below one while those go in that have waited before', () => {
    expect(cameShare(before, { admitted: 110, refused: 10, waiting: 0 })).toBe(0.6);
  });

  it('is bounded, and one where nothing is known', () => {
    expect(cameShare(before, { admitted: 101, refused: 90, waiting: 4 })).toBe(2);
    expect(cameShare(before, { admitted: 100, refused: 11, waiting: 4 })).toBe(2);
    expect(cameShare(before, before)).toBe(1);
    expect(cameShare(undefined, before)).toBe(1);
    expect(cameShare(before, { admitted: 3, refused: 0, waiting: 0 })).toBe(1);
  });
});
