import { describe, expect, it } from '@jest/globals';
import { seededRandom } from '@isotherm/kernel';
import fc from 'fast-check';
import { type FailedWork, planRetry } from './plan-retry.ts';

const settings = { retryBackoffMs: 10, retryBackoffMsMax: 100 };
const almostOne = (): number => 1 - 2 ** -53;
const plan = (work: Partial<FailedWork>, random = almostOne) =>
  planRetry({ attempts: 1, attemptsMax: 9, leftMs: 1e6, ...work }, settings, random);

describe('the plan of a retry', () => {
  it('doubles the bound of the pause with each attempt, up to the longest', () => {
    const pauses = [1, 2, 3, 4, 5, 8].map((attempts) => plan({ attempts }));
    const ms = pauses.map((one) => (one.kind === 'retry' ? Math.round(one.afterMs) : -1));
    expect(ms).toEqual([10, 20, 40, 80, 100, 100]);
    expect(plan({ attempts: 5 }, () => 0)).toEqual({ kind: 'retry', afterMs: 0 });
  });

  it('gives up when the attempts are used up, or the pause would outlast the deadline', () => {
    expect(plan({ attempts: 9 })).toEqual({ kind: 'give_up', reason: 'attempts' });
    expect(plan({ leftMs: 5 })).toEqual({ kind: 'give_up', reason: 'deadline' });
    expect(plan({ leftMs: -1 }, () => 0)).toEqual({ kind: 'give_up', reason: 'deadline' });
  });

  it('never pauses longer than its bounds and the deadline, and not below zero (property)', () => {
    const work = fc.record({
      attempts: fc.integer({ min: 1, max: 2000 }),
      attemptsMax: fc.integer({ min: 1, max: 2000 }),
      leftMs: fc.double({ min: -1e9, max: 1e9, noNaN: true }),
    });
    fc.assert(
      fc.property(work, fc.nat(), (failed, seed) => {
        const planned = planRetry(failed, settings, seededRandom(seed));
        if (planned.kind === 'give_up') {
          return planned.reason === 'deadline' || failed.attempts >= failed.attemptsMax;
        }
        const { afterMs } = planned;
        return afterMs >= 0 && afterMs <= 100 && afterMs < failed.leftMs;
      }),
    );
  });

  it('spreads what failed together over the whole pause', () => {
    const random = seededRandom(7);
    const pauses = Array.from({ length: 1000 }, () =>
      planRetry({ attempts: 4, attemptsMax: 9, leftMs: 1e6 }, settings, random),
    );
    const ms = pauses.map((one) => (one.kind === 'retry' ? one.afterMs : NaN));
    const tenths = Array.from({ length: 8 }, (_, i) => ms.filter((x) => Math.floor(x / 10) === i));
    for (const tenth of tenths) expect(tenth.length).toBeGreaterThan(75);
  });
});
