import { describe, expect, it } from '@jest/globals';
import { seededRandom } from '@isotherm/kernel';
import fc from 'fast-check';
import { type ArrivalRate, demandPerMs, noArrivals, observeArrival } from './arrival-rate.ts';
import { noDemand } from './demand.ts';

const one = { ...noDemand, requests: 1, cost: 60, prefillTokens: 50 };

/** Poisson arrivals, so many a second. */
const arrive = (from: ArrivalRate, perS: number, fromMs: number, untilMs: number): ArrivalRate => {
  const random = seededRandom(5);
  const gapMs = (): number => (-Math.log(1 - random()) / perS) * 1000;
  let rate = from;
  for (let atMs = fromMs + gapMs(); atMs < untilMs; atMs += gapMs()) {
    rate = observeArrival(rate, one, atMs);
  }
  return rate;
};

describe('the rate at which work is asked for', () => {
  it('is what comes, in all that it asks for', () => {
    const { requests, prefillTokens } = demandPerMs(arrive(noArrivals, 50, 0, 60_000), 60_000);
    expect(requests * 1000).toBeGreaterThan(42);
    expect(requests * 1000).toBeLessThan(65);
    expect(prefillTokens).toBeCloseTo(requests * 50);
  });

  it('sees a burst within a second, and forgets it', () => {
    const calm = arrive(noArrivals, 2, 0, 30_000);
    const burst = arrive(calm, 100, 30_000, 31_000);
    expect(demandPerMs(burst, 31_000).requests * 1000).toBeGreaterThan(45);
    expect(demandPerMs(burst, 60_000).requests * 1000).toBeLessThan(3);
  });

  it('makes no rate of one request', () => {
    expect(demandPerMs(observeArrival(noArrivals, one, 10), 10)).toEqual(noDemand);
    expect(demandPerMs(noArrivals, 10)).toEqual(noDemand);
  });

  it('is finite and not negative, also by a clock that goes back (property)', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -1000, max: 100_000 })),
        fc.nat(1e6),
        (times, atMs) => {
          const rate = times.reduce((sum, time) => observeArrival(sum, one, time), noArrivals);
          const { requests } = demandPerMs(rate, atMs);
          expect(requests).toBeGreaterThanOrEqual(0);
          expect(Number.isFinite(requests)).toBe(true);
        },
      ),
    );
  });
});
