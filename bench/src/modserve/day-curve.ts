import { type RateCurve, randomStream } from '@isotherm/simulator';

/** Shares of the mean, hour by hour: a working day, and bursts of one part in twelve of an hour that go up by half or double. */
export const hourShares: readonly number[] = [
  ...[0.5, 0.42, 0.38, 0.36, 0.38, 0.45, 0.6, 0.85, 1.15, 1.4, 1.5, 1.5],
  ...[1.4, 1.45, 1.55, 1.55, 1.45, 1.3, 1.15, 1.05, 0.95, 0.85, 0.75, 0.62],
];
const partsPerHour = 12;
const burstShare = 0.12;

/** A day with its bursts, pressed into so many hours. */
export const burstyDay = (seed: number, hours: number): RateCurve => {
  const random = randomStream(seed, 'bursts');
  const shares = hourShares.flatMap((share) =>
    Array.from({ length: partsPerHour }, () =>
      random() < burstShare ? share * (1.5 + 0.5 * random()) : share,
    ),
  );
  const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length;
  const stepMs = (hours * 3_600_000) / shares.length;
  return { stepMs, shares: Float64Array.from(shares, (share) => share / mean) };
};
