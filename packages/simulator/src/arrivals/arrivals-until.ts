import type { ArrivalSource } from './arrival.ts';

/** The requests of a source that come before a time, so that a run can go on until all of them have ended. */
export const arrivalsUntil = (source: ArrivalSource, endMs: number): ArrivalSource => ({
  next: () => {
    const arrival = source.next();
    return arrival === undefined || arrival.atMs >= endMs ? undefined : arrival;
  },
});
