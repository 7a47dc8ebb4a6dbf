import { describe, expect, test } from '@jest/globals';
import { seededRandom } from '@isotherm/kernel';
import { arrivalsMs, burst, unitArrivals } from './arrivals.ts';

const count = 20_000;
const gapsOf = (times: readonly number[]): readonly number[] =>
  times.map((time, index) => time - (times[index - 1] ?? 0));
const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
/** Variance of the number of arrivals in windows of ten units, over its mean: 1 for a Poisson process. */
const dispersion = (times: readonly number[]): number => {
  const windows = new Array<number>(Math.floor((times.at(-1) ?? 0) / 10)).fill(0);
  for (const time of times) {
    const at = Math.floor(time / 10);
    if (at < windows.length) windows[at] = (windows[at] ?? 0) + 1;
  }
  const middle = mean(windows);
  return mean(windows.map((each) => (each - middle) ** 2)) / middle;
};

describe('arrivals', () => {
  test('of a Poisson process are one in a unit, with a dispersion of 1', () => {
    const times = unitArrivals('poisson', count, seededRandom(1));
    expect(mean(gapsOf(times))).toBeCloseTo(1, 1);
    expect(dispersion(times)).toBeGreaterThan(0.9);
    expect(dispersion(times)).toBeLessThan(1.1);
  });

  test('of bursts are one in a unit too, and clumped', () => {
    const times = unitArrivals('bursty', count, seededRandom(1));
    expect(mean(gapsOf(times))).toBeGreaterThan(0.9);
    expect(mean(gapsOf(times))).toBeLessThan(1.1);
    expect(dispersion(times)).toBeGreaterThan(4);
  });

  test('the rates of the bursts make a mean of one', () => {
    const { quietRate, burstRate, quietMean, burstMean } = burst;
    expect((quietRate * quietMean + burstRate * burstMean) / (quietMean + burstMean)).toBeCloseTo(
      1,
    );
  });

  test.each(['poisson', 'bursty'] as const)('%s: rates share a pattern and are kept', (kind) => {
    const slow = arrivalsMs(kind, 50, 2, seededRandom(7));
    const fast = arrivalsMs(kind, 50, 20, seededRandom(7));
    expect(slow.at(-1)).toBeCloseTo(25_000);
    expect(fast.map((time) => time * 10)).toEqual(slow.map((time) => expect.closeTo(time)));
    expect(slow.toSorted((a, b) => a - b)).toEqual(slow);
  });
});
