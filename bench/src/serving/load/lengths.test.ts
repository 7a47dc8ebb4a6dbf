import { expect, test } from '@jest/globals';
import { seededRandom } from '@isotherm/kernel';
import { percentile } from '../../report/percentiles.ts';
import { azureTokens, drawTokens } from './lengths.ts';

test('lengths have the quantiles that they are drawn from, scaled', () => {
  const random = seededRandom(3);
  const range = { min: 1, max: 1e6 };
  const drawn = Array.from({ length: 20_000 }, () =>
    drawTokens(azureTokens.promptText, 0.5, range, random),
  );
  for (const [share, value] of azureTokens.promptText) {
    const found = percentile(drawn, share) / (value / 2);
    expect([share, found]).toEqual([share, expect.closeTo(1, 1)]);
  }
});

test('lengths keep to their range', () => {
  const random = seededRandom(4);
  const drawn = Array.from({ length: 2000 }, () =>
    drawTokens(azureTokens.answerText, 1 / 6, { min: 2, max: 40 }, random),
  );
  expect(Math.min(...drawn)).toBe(2);
  expect(Math.max(...drawn)).toBe(40);
});
