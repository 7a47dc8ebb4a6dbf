import type { Random } from '@isotherm/kernel';
import { exponential, logarithm, power } from './logarithm.ts';

/** Exponential with mean 1. */
export const drawExponential = (random: Random): number => -logarithm(1 - random());

/** Normal with mean 0 and deviation 1: the polar method of Marsaglia, of whose two values one is kept. */
export const drawNormal = (random: Random): number => {
  for (;;) {
    const x = 2 * random() - 1;
    const y = 2 * random() - 1;
    const s = x * x + y * y;
    if (s < 1 && s > 0) return x * Math.sqrt((-2 * logarithm(s)) / s);
  }
};

export const drawLogNormal = (random: Random, median: number, sigma: number): number =>
  median * exponential(sigma * drawNormal(random));

/** Gamma with mean shape · scale (Marsaglia and Tsang 2000; a shape below 1 by their power of a uniform). */
export const drawGamma = (random: Random, shape: number, scale: number): number => {
  if (shape < 1) {
    return drawGamma(random, shape + 1, scale) * power(1 - random(), 1 / shape);
  }
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = drawNormal(random);
    const root = 1 + c * x;
    if (root <= 0) continue;
    const v = root * root * root;
    const u = 1 - random();
    if (logarithm(u) < 0.5 * x * x + d - d * v + d * logarithm(v)) return d * v * scale;
  }
};

export const drawWeibull = (random: Random, shape: number, scale: number): number =>
  scale * power(drawExponential(random), 1 / shape);

/** How many tries until one succeeds, 1 at least, with this mean. */
export const drawGeometric = (random: Random, mean: number): number =>
  mean <= 1 ? 1 : 1 + Math.floor(logarithm(1 - random()) / logarithm(1 - 1 / mean));

/** A point of a distribution: this share of all values are at most this. */
export interface Quantile {
  readonly share: number;
  readonly value: number;
}

/** Draws from a distribution of which quantiles are known (rising in both): between them on straight lines of the logarithm. */
export const drawQuantile = (random: Random, quantiles: readonly Quantile[]): number => {
  const share = random();
  let below = quantiles[0];
  if (below === undefined) return 0;
  for (const above of quantiles) {
    if (above.share >= share) {
      if (above.share <= below.share || below.value <= 0) return above.value;
      const part = (share - below.share) / (above.share - below.share);
      return below.value * power(above.value / below.value, Math.max(0, part));
    }
    below = above;
  }
  return below.value;
};
