import type { Random } from '@isotherm/kernel';

/** A distribution by quantiles: [share, value], ascending in both. Between them the logarithm of the value is straight. */
export type Quantiles = readonly (readonly [share: number, value: number])[];

/**
 * Tokens of a production trace of text and picture requests (Azure's LMM inference trace of October 2024, as digitised
 * from the plots published with it).
 */
export const azureTokens = {
  promptText: quantiles(135, 365, 775, 1440, 3050, 4070),
  answerWithImage: quantiles(9, 33, 79, 175, 395, 500),
  answerText: quantiles(1, 25, 144, 217, 460, 740),
} as const;

function quantiles(...values: readonly number[]): Quantiles {
  return [0.05, 0.25, 0.5, 0.75, 0.9, 0.95].map((share, index) => [share, values[index] ?? 1]);
}

/** A length drawn from a distribution, scaled; what lies beyond the outer quantiles takes their value. */
export const drawTokens = (
  distribution: Quantiles,
  scale: number,
  range: { readonly min: number; readonly max: number },
  random: Random,
): number => {
  const share = random();
  const above = distribution.findIndex(([each]) => each >= share);
  const [lowShare, low] = distribution[Math.max(0, above - 1)] ?? [0, 1];
  const [highShare, high] = distribution.at(above < 0 ? -1 : above) ?? [1, 1];
  const part = highShare > lowShare ? Math.max(0, (share - lowShare) / (highShare - lowShare)) : 0;
  const value = above < 0 ? high : low * (high / low) ** part;
  return Math.round(Math.min(range.max, Math.max(range.min, value * scale)));
};
