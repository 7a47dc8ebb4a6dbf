import { addDemand, type Demand, noDemand } from './demand.ts';

/** How much is asked for of late: sums that fade, one soon and one slowly. */
export interface ArrivalRate {
  readonly atMs: number;
  readonly recent: Demand;
  readonly lasting: Demand;
}

export const noArrivals: ArrivalRate = { atMs: 0, recent: noDemand, lasting: noDemand };

/** Times in which the sums fade to 1/e, in milliseconds: a burst is known within a second, and a steady rate well. */
const recentMs = 1_000;
const lastingMs = 10_000;

export const observeArrival = (rate: ArrivalRate, demand: Demand, nowMs: number): ArrivalRate => {
  const now = fadeTo(rate, nowMs);
  return {
    atMs: now.atMs,
    recent: addDemand(now.recent, demand),
    lasting: addDemand(now.lasting, demand),
  };
};

/** Demand per millisecond: the higher of both rates, since a rate that is underestimated lets in what has to wait too long. */
export const demandPerMs = (rate: ArrivalRate, nowMs: number): Demand => {
  const { recent, lasting } = fadeTo(rate, nowMs);
  const [soon, slow] = [perMs(recent, recentMs), perMs(lasting, lastingMs)];
  return soon.requests > slow.requests ? soon : slow;
};

/** One arrival makes no rate: of n there are n - 1 gaps. */
const perMs = (sum: Demand, fadesMs: number): Demand => {
  const gaps = Math.max(0, sum.requests - 1);
  return gaps === 0 ? noDemand : addDemand(noDemand, sum, gaps / sum.requests / fadesMs);
};

/** A clock that went back fades nothing. */
const fadeTo = ({ atMs, recent, lasting }: ArrivalRate, nowMs: number): ArrivalRate => {
  const passedMs = Math.max(0, nowMs - atMs);
  return {
    atMs: Math.max(atMs, nowMs),
    recent: addDemand(noDemand, recent, Math.exp(-passedMs / recentMs)),
    lasting: addDemand(noDemand, lasting, Math.exp(-passedMs / lastingMs)),
  };
};
