import { describe, expect, test } from '@jest/globals';
import { meetsSlo, missesMax, type RequestRecord, sloOf } from './slo.ts';

const record = (part: Partial<RequestRecord>): RequestRecord => ({
  index: 0,
  images: 0,
  tokens: 5,
  firstMs: 10,
  perTokenMs: 2,
  totalMs: 18,
  text: '',
  error: undefined,
  ...part,
});

describe('an SLO', () => {
  const unloaded = [
    record({ firstMs: 10, perTokenMs: 1 }),
    record({ firstMs: 30, perTokenMs: 2 }),
    record({ firstMs: 20, perTokenMs: 3 }),
    record({ images: 1, firstMs: 100, tokens: 1, perTokenMs: 0 }),
  ];
  const slo = sloOf(unloaded, [0.75, 0.25], 5);

  test('is a factor times the medians, weighed by traffic; single tokens say nothing of further ones', () => {
    expect(slo).toEqual({ firstMs: 200, perTokenMs: 10 });
  });

  test.each([
    [{ firstMs: 200, perTokenMs: 10 }, true],
    [{ firstMs: 200.1 }, false],
    [{ perTokenMs: 10.1 }, false],
    [{ error: 'saturated' }, false],
    [{ firstMs: Number.NaN }, false],
  ] as const)('%j keeps to it: %p', (part, keeps) => {
    expect(meetsSlo(record(part), slo)).toBe(keeps);
  });
});

test.each([
  [100, 0.99, 1],
  [40, 0.9, 4],
  [30, 0.99, 0],
  [150, 0.99, 1],
  [10, 0.9, 1],
])('of %i requests with a share of %p, %i may miss', (count, share, misses) => {
  expect(missesMax(count, share)).toBe(misses);
});
