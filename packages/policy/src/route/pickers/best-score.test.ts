import { describe, expect, it } from '@jest/globals';
import { seededRandom } from '@isotherm/kernel';
import { bestScorePicker } from './best-score.ts';

describe('best-score', () => {
  it('picks the highest', () => {
    expect(bestScorePicker.pick([0.1, 0.9, 0.5], seededRandom(1))).toBe(1);
  });

  it('shares among equals', () => {
    const random = seededRandom(7);
    const counts = [0, 0, 0];
    for (let round = 0; round < 300; round++) {
      const picked = bestScorePicker.pick([1, 0, 1], random);
      counts[picked] = (counts[picked] ?? 0) + 1;
    }
    expect(counts[1]).toBe(0);
    expect(Math.min(counts[0] ?? 0, counts[2] ?? 0)).toBeGreaterThan(100);
  });
});
