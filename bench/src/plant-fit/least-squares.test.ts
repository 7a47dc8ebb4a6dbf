import { expect, test } from '@jest/globals';
import { fitLinear, solve } from './least-squares.ts';

test('solve, where a pivot is needed, and where nothing can be said', () => {
  expect(
    solve([
      [0, 2, 4],
      [1, 1, 3],
    ]),
  ).toEqual([1, 2]);
  expect(
    solve([
      [0, 0, 1],
      [0, 2, 4],
    ]),
  ).toEqual([0, 2]);
});

const line = (x: number, target: number) => ({ features: [1, x], target });

test('a line through its points', () => {
  const fitted = fitLinear(
    [0, 1, 2, 3].map((x) => line(x, 3 + 2 * x)),
    {
      ...{ ridgeShare: 0, ridgeFrom: 1, robustRounds: 0 },
    },
  );
  expect(fitted[0]).toBeCloseTo(3, 6);
  expect(fitted[1]).toBeCloseTo(2, 6);
});

test('robust rounds pass by what lies far off', () => {
  const samples = Array.from({ length: 50 }, (_, x) => line(x, x === 49 ? 5_000 : x));
  const fitted = fitLinear(samples, { ridgeShare: 0, ridgeFrom: 1, robustRounds: 30 });
  expect(fitted[1]).toBeCloseTo(1, 1);
});
