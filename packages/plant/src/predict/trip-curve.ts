import { exponential, logarithm, power } from '@isotherm/kernel';

/** How long a breaker (or a UPS) carries an overload before it opens; sorted by load. */
export type TripCurve = readonly TripPoint[];

export interface TripPoint {
  /** Power ÷ limit. */
  readonly loadShare: number;
  readonly tripS: number;
}

/**
 * Assumed: a thermal breaker's inverse time, in the order of magnitude of published curves. Below the first
 * point it never opens.
 */
export const assumedBreakerCurve: TripCurve = [
  { loadShare: 1.05, tripS: 3600 },
  { loadShare: 1.2, tripS: 600 },
  { loadShare: 1.35, tripS: 120 },
  { loadShare: 1.6, tripS: 30 },
  { loadShare: 2, tripS: 10 },
  { loadShare: 5, tripS: 1 },
  { loadShare: 8, tripS: 0.02 },
];

/** Assumed: what UPS vendors state for overloads, shorter near 4/3, where a lost unit puts the others. */
export const assumedUpsCurve: TripCurve = [
  { loadShare: 1.02, tripS: 3600 },
  { loadShare: 1.1, tripS: 600 },
  { loadShare: 1.25, tripS: 60 },
  { loadShare: 1.34, tripS: 20 },
  { loadShare: 1.6, tripS: 10 },
  { loadShare: 2, tripS: 1 },
];

/** How long the curve carries this load when it starts cold; between points straight on log-log paper. */
export const tripSecondsOf = (curve: TripCurve, loadShare: number): number => {
  const first = curve[0];
  if (first === undefined || !(loadShare >= first.loadShare)) return Infinity;
  let below = first;
  for (const point of curve) {
    if (point.loadShare > loadShare) {
      const span = logarithm(point.loadShare / below.loadShare);
      const share = logarithm(loadShare / below.loadShare) / span;
      return below.tripS * power(point.tripS / below.tripS, share);
    }
    below = point;
  }
  return below.tripS;
};

/** Assumed: how fast a breaker forgets an overload. */
export const breakerCoolingTauS = 300;

/**
 * How much of its time to trip a breaker has used up, after `dtS` more at this load: it opens at 1. A reducer, so
 * that an overload that comes and goes adds up.
 */
export const nextTripShare = (
  tripShare: number,
  curve: TripCurve,
  loadShare: number,
  dtS: number,
): number => {
  const tripS = tripSecondsOf(curve, loadShare);
  if (tripS === Infinity) return tripShare * exponential(-dtS / breakerCoolingTauS);
  return Math.min(1, tripShare + dtS / tripS);
};

/** How long until it opens if the load stays as it is. */
export const secondsUntilTrip = (tripShare: number, curve: TripCurve, loadShare: number): number =>
  Math.max(0, 1 - tripShare) * tripSecondsOf(curve, loadShare);
