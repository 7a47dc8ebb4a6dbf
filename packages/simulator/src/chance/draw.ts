import { exponential, logarithm, power, type Random } from '@isotherm/kernel';

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

/**
 * A distribution of which quantiles are known (rising in both, values above 0): between them on straight lines of the
 * logarithm. Made once, drawn from often.
 */
export const quantileDraw = (quantiles: readonly Quantile[]): ((random: Random) => number) => {
  const shares = Float64Array.from(quantiles, ({ share }) => share);
  const logarithms = Float64Array.from(quantiles, ({ value }) => logarithm(value));
  return (random) => {
    const share = random();
    let at = 0;
    while (at < shares.length - 1 && (shares[at] as number) < share) at += 1;
    const above = logarithms[at] as number;
    if (at === 0) return exponential(above);
    const below = logarithms[at - 1] as number;
    const from = shares[at - 1] as number;
    const part = Math.min(1, (share - from) / Math.max(1e-12, (shares[at] as number) - from));
    return exponential(below + (above - below) * part);
  };
};
