import type { Arrival, ArrivalSource } from './arrival.ts';

/** The requests of several sources in the order of time: services that share a fleet, or a mix that goes over into another. */
export const mergedArrivals = (sources: readonly ArrivalSource[]): ArrivalSource => {
  // A source may write over what it gave: each keeps its own next one until that is asked for.
  const heads = sources.map((source) => source.next());
  let given = -1;
  return {
    next: () => {
      if (given >= 0) heads[given] = sources[given]?.next();
      given = -1;
      let first: Arrival | undefined;
      heads.forEach((head, at) => {
        if (head === undefined || (first !== undefined && first.atMs <= head.atMs)) return;
        first = head;
        given = at;
      });
      return first;
    },
  };
};
