import type { ServeGenClient } from './serve-gen.ts';

/** How a rate goes over time, as shares of its mean; after its end it begins again. */
export interface RateCurve {
  readonly stepMs: number;
  readonly shares: Float64Array;
}

/** Nobody ever asks nothing at all: a gap has an end. */
const shareMin = 0.01;

/** A week of a day's rates and a factor for each day of it: the mean is 1. */
export const weekCurve = (
  day: { readonly stepMs: number; readonly rates: readonly number[] },
  weekdays: readonly number[],
): RateCurve => {
  const rates = weekdays.flatMap((factor) => day.rates.map((rate) => factor * rate));
  const mean = rates.reduce((sum, rate) => sum + rate, 0) / Math.max(1, rates.length);
  const shares = Float64Array.from(rates, (rate) => Math.max(shareMin, mean > 0 ? rate / mean : 1));
  return { stepMs: day.stepMs, shares };
};

export const rateShareAt = ({ stepMs, shares }: RateCurve, atMs: number): number =>
  shares[Math.floor(atMs / stepMs) % shares.length] ?? 1;

/** What all clients of a ServeGen workload ask together, window by window. */
export const dayOfClients = (
  clients: readonly ServeGenClient[],
): { readonly stepMs: number; readonly rates: readonly number[] } => {
  const first = clients[0]?.windows ?? [];
  const stepMs = (first[1]?.fromMs ?? 600_000) - (first[0]?.fromMs ?? 0);
  const rates = first.map((_, at) =>
    clients.reduce((sum, { windows }) => sum + (windows[at]?.ratePerS ?? 0), 0),
  );
  return { stepMs, rates };
};
