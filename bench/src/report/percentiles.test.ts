import { describe, expect, test } from '@jest/globals';
import { median, percentile, round, summarize } from './percentiles.ts';

describe('percentile', () => {
  test.each([
    { sample: [7], share: 0.99, value: 7 },
    { sample: [3, 1, 2], share: 0.5, value: 2 },
    { sample: [4, 1, 3, 2], share: 0.5, value: 2.5 },
    { sample: [10, 20], share: 0.25, value: 12.5 },
    { sample: [5, 1], share: 0, value: 1 },
    { sample: [5, 1], share: 1, value: 5 },
  ])('share $share of $sample is $value', ({ sample, share, value }) => {
    expect(percentile(sample, share)).toBe(value);
  });

  test('numbers are ordered as numbers', () => {
    expect(median([10, 9, 100])).toBe(10);
  });

  test('an empty sample has no percentile', () => {
    expect(percentile([], 0.5)).toBeNaN();
  });
});

test('summarize leaves its sample as it was', () => {
  const sample = Array.from({ length: 101 }, (_, index) => 100 - index);
  expect(summarize(sample)).toEqual({ count: 101, p50: 50, p90: 90, p99: 99, max: 100 });
  expect(sample[0]).toBe(100);
});

test('round keeps three decimals', () => {
  expect(round(1.23456)).toBe(1.235);
});
