import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  firstHedge,
  hedgeAfterMs,
  type HedgeEvent,
  type HedgeSettings,
  mayHedge,
  nextHedge,
} from './hedge.ts';

const settings = (different: Partial<HedgeSettings> = {}): HedgeSettings => ({
  ...{ hedgeEncodeAfterMs: 0, hedgeEncodePercentile: 0, hedgeEncodePercentMax: 5 },
  ...different,
});
const after = (times: readonly number[], different: Partial<HedgeSettings>) => {
  const own = settings(different);
  const state = times.reduce(
    (known, tookMs) => nextHedge(known, { kind: 'ended', tookMs }, own),
    firstHedge,
  );
  return hedgeAfterMs(state, own);
};
const oneToHundred = Array.from({ length: 100 }, (_, index) => 100 - index);

describe('hedging', () => {
  it.each([
    ['is off by default', oneToHundred, {}, undefined],
    ['waits so many milliseconds', [], { hedgeEncodeAfterMs: 40 }, 40],
    ['waits for a percentile of the times', oneToHundred, { hedgeEncodePercentile: 95 }, 95],
    ['knows no percentile of a few times', [1, 2, 3], { hedgeEncodePercentile: 95 }, undefined],
    [
      'waits at least the milliseconds, whatever the percentile',
      oneToHundred,
      { hedgeEncodePercentile: 50, hedgeEncodeAfterMs: 80 },
      80,
    ],
  ])('%s', (_, times, different, expected) => {
    expect(after(times, different)).toBe(expected);
  });

  it('forgets old times', () => {
    const times = [...oneToHundred, ...Array.from({ length: 256 }, () => 7)];
    expect(after(times, { hedgeEncodePercentile: 99 })).toBe(7);
  });

  it('is at most one job and the share of all, and saves up only so many (property)', () => {
    const events = fc.array(fc.constantFrom('started', 'wanted'), { maxLength: 400 });
    fc.assert(
      fc.property(events, fc.integer({ min: 0, max: 100 }), (kinds, percent) => {
        const own = settings({ hedgeEncodePercentMax: percent });
        let [state, started, hedged, atOnce] = [firstHedge, 0, 0, 0];
        for (const kind of kinds) {
          if (kind === 'started') [started, atOnce] = [started + 1, 0];
          else if (!mayHedge(state)) continue;
          else [hedged, atOnce] = [hedged + 1, atOnce + 1];
          const event: HedgeEvent = { kind: kind === 'started' ? 'started' : 'hedged' };
          state = nextHedge(state, event, own);
          if (hedged > 1 + (started * percent) / 100 + 1e-9 || atOnce > 8) return false;
        }
        return true;
      }),
    );
  });

  it('waits as long as one of the times that it knows, which the share asked for do not pass (property)', () => {
    const times = fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), {
      minLength: 20,
      maxLength: 256,
    });
    fc.assert(
      fc.property(times, fc.integer({ min: 1, max: 99 }), (given, percentile) => {
        const waited = after(given, { hedgeEncodePercentile: percentile });
        const within = given.filter((each) => each <= (waited ?? -1)).length;
        return given.includes(waited ?? -1) && within >= (percentile / 100) * given.length;
      }),
    );
  });
});
