import { describe, expect, it } from '@jest/globals';
import type { Random } from '@isotherm/kernel';
import {
  drawExponential,
  drawGamma,
  drawGeometric,
  drawLogNormal,
  drawNormal,
  drawWeibull,
  quantileDraw,
} from './draw.ts';
import { randomStream } from './xoshiro.ts';

const draws = 100_000;

/** Mean and variance of many draws. */
const momentsOf = (draw: (random: Random) => number) => {
  const random = randomStream(3, 'moments');
  let [sum, squares] = [0, 0];
  for (let n = 0; n < draws; n += 1) {
    const value = draw(random);
    sum += value;
    squares += value * value;
  }
  const mean = sum / draws;
  return { mean, variance: squares / draws - mean * mean };
};

describe('draws', () => {
  it.each<[string, (random: Random) => number, number, number]>([
    ['exponential', drawExponential, 1, 1],
    ['normal', drawNormal, 0, 1],
    ['gamma', (random) => drawGamma(random, 2.5, 2), 5, 10],
    ['gamma of a shape below 1', (random) => drawGamma(random, 0.4, 3), 1.2, 3.6],
    ['Weibull of shape 1', (random) => drawWeibull(random, 1, 2), 2, 4],
    ['Weibull of shape 2', (random) => drawWeibull(random, 2, 1), 0.886227, 0.214602],
    ['geometric', (random) => drawGeometric(random, 5), 5, 20],
    ['log-normal', (random) => drawLogNormal(random, 1, 0.5), 1.133148, 0.364696],
  ])('%s has its mean and variance', (_, draw, mean, variance) => {
    const found = momentsOf(draw);
    // Five standard errors of the mean; the variance's own error is larger, by its fourth moment.
    expect(Math.abs(found.mean - mean)).toBeLessThan(5 * Math.sqrt(variance / draws));
    expect(Math.abs(found.variance / variance - 1)).toBeLessThan(0.06);
  });

  it('by quantiles have these quantiles', () => {
    const quantiles = [
      { share: 0, value: 10 },
      { share: 0.5, value: 100 },
      { share: 0.9, value: 1000 },
      { share: 1, value: 1000 },
    ];
    const random = randomStream(3, 'quantiles');
    const draw = quantileDraw(quantiles);
    const values = Float64Array.from({ length: 20_000 }, () => draw(random));
    values.sort();
    expect((values[10_000] ?? NaN) / 100).toBeCloseTo(1, 1);
    expect((values[5_000] ?? NaN) / Math.sqrt(1000)).toBeCloseTo(1, 1);
    expect(values[18_200]).toBeCloseTo(1000, 9);
    expect(values[0]).toBeGreaterThan(9.999);
    expect(quantileDraw([{ share: 1, value: 7 }])(random)).toBeCloseTo(7, 12);
  });
});
