import type { Random } from '@isotherm/kernel';
import type { SloClassName } from '@isotherm/policy';

/** A stream of requests of one tenant and class. */
export interface Offer {
  readonly tenant: string;
  readonly sloClass: SloClassName;
  readonly perS: number;
}

export interface Arrival {
  readonly atMs: number;
  readonly offer: Offer;
}

/** Poisson arrivals of all offers, in the order in which they come. */
export const offeredLoad = (
  offers: readonly Offer[],
  forMs: number,
  random: Random,
): readonly Arrival[] =>
  offers
    .flatMap((offer) => {
      const arrivals: Arrival[] = [];
      const nextMs = (): number => (-Math.log(1 - random()) / offer.perS) * 1000;
      for (let atMs = nextMs(); atMs < forMs; atMs += nextMs()) arrivals.push({ atMs, offer });
      return arrivals;
    })
    .toSorted((one, other) => one.atMs - other.atMs);
