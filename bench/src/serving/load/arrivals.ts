import type { Random } from '@isotherm/kernel';

/** How requests come: `poisson` with one rate, `bursty` with a rate that jumps. */
export type ArrivalKind = 'poisson' | 'bursty';

/**
 * A Markov-modulated Poisson process of mean rate 1: long quiet times at 0.4 and bursts at 4, which take a sixth of the
 * time and bring two thirds of the requests, ten in a burst on average.
 */
export const burst = { quietRate: 0.4, burstRate: 4, quietMean: 12.5, burstMean: 2.5 } as const;

/**
 * Times of arrivals at a mean rate of one in a unit of time, beginning with a quiet stretch. Another rate is the same trace
 * with its time divided by the rate: systems and rates are compared on one pattern.
 */
export const unitArrivals = (
  kind: ArrivalKind,
  count: number,
  random: Random,
): readonly number[] => {
  const exponential = (mean: number): number => -mean * Math.log(1 - random());
  const arrivals: number[] = [];
  let now = 0;
  if (kind === 'poisson') {
    while (arrivals.length < count) arrivals.push((now += exponential(1)));
    return arrivals;
  }
  let bursting = false;
  let changes = exponential(burst.quietMean);
  while (arrivals.length < count) {
    const next = now + exponential(1 / (bursting ? burst.burstRate : burst.quietRate));
    if (next < changes) {
      now = next;
      arrivals.push(now);
    } else {
      // The exponential has no memory: what is left of the wait is drawn anew at the new rate.
      now = changes;
      bursting = !bursting;
      changes = now + exponential(bursting ? burst.burstMean : burst.quietMean);
    }
  }
  return arrivals;
};

/** Arrivals at a rate in milliseconds, scaled so that the mean rate of these very arrivals is the rate asked for. */
export const arrivalsMs = (
  kind: ArrivalKind,
  count: number,
  ratePerS: number,
  random: Random,
): readonly number[] => {
  const unit = unitArrivals(kind, count, random);
  const scale = ((count / ratePerS) * 1000) / (unit.at(-1) ?? 1);
  return unit.map((time) => time * scale);
};
