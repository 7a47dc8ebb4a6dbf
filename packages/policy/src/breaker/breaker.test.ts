import { describe, expect, it } from '@jest/globals';
import { type FaultCode, faultCodes, faultTable } from '@isotherm/kernel';
import fc from 'fast-check';
import {
  blamesInstance,
  breakerAdmits,
  type BreakerEvent,
  type BreakerSettings,
  type BreakerState,
  closedBreaker,
  nextBreaker,
} from './breaker.ts';

const settings: BreakerSettings = {
  breakerFailuresMax: 3,
  breakerWindowMs: 1000,
  breakerOpenMs: 100,
  breakerOpenMsMax: 350,
  breakerProbesMax: 1,
};

type Step = readonly [atMs: number, kind: BreakerEvent['kind'], startedMs?: number];
const after = (steps: readonly Step[], from: BreakerState = closedBreaker): BreakerState =>
  steps.reduce((state, [atMs, kind, startedMs = atMs]) => {
    const event: BreakerEvent =
      kind === 'started' || kind === 'returned' ? { kind } : { kind, startedMs };
    return nextBreaker(state, event, atMs, settings);
  }, from);

const open = after([
  [0, 'failed'],
  [1, 'failed'],
  [2, 'failed'],
]);

describe('the circuit breaker', () => {
  it('opens after so many failures in a row, and a success between them starts the count anew', () => {
    expect(
      after([
        [0, 'failed'],
        [1, 'failed'],
      ]).kind,
    ).toBe('closed');
    expect(open).toEqual({ kind: 'open', sinceMs: 2, untilMs: 102, times: 1 });
    const steps: Step[] = [
      [0, 'failed'],
      [1, 'failed'],
      [2, 'succeeded'],
      [3, 'failed'],
    ];
    expect(after(steps).kind).toBe('closed');
  });

  it('does not add up failures that lie further apart than the window', () => {
    expect(
      after([
        [0, 'failed'],
        [500, 'failed'],
        [1001, 'failed'],
      ]).kind,
    ).toBe('closed');
  });

  it('lets nothing through until its time is over, then one probe, and closes when that works', () => {
    expect(breakerAdmits(open, 101, settings)).toBe(false);
    expect(breakerAdmits(open, 102, settings)).toBe(true);
    const probing = after([[102, 'started']], open);
    expect([probing.kind, breakerAdmits(probing, 103, settings)]).toEqual(['half_open', false]);
    expect(after([[120, 'succeeded', 102]], probing)).toMatchObject({
      kind: 'closed',
      failures: 0,
    });
  });

  it('opens again for twice as long when the probe fails, up to the bound', () => {
    const durations: number[] = [];
    let state = open;
    for (let i = 0; i < 4; i++) {
      if (state.kind !== 'open') throw new Error(state.kind);
      durations.push(state.untilMs - state.sinceMs);
      const atMs = state.untilMs;
      state = after(
        [
          [atMs, 'started'],
          [atMs + 1, 'failed', atMs],
        ],
        state,
      );
    }
    expect(durations).toEqual([100, 200, 350, 350]);
  });

  it('lets the next probe through when one ended without saying anything', () => {
    const probing = after(
      [
        [102, 'started'],
        [103, 'left', 102],
      ],
      open,
    );
    expect(breakerAdmits(probing, 103, settings)).toBe(true);
  });

  it('takes no notice of jobs that were sent before it opened', () => {
    expect(
      after(
        [
          [50, 'failed', 1],
          [60, 'succeeded', 1],
          [70, 'left', 0],
        ],
        open,
      ),
    ).toEqual(open);
  });

  it('probes at once when the instance can be heard again', () => {
    const heard = after([[10, 'returned']], open);
    expect([heard.kind, breakerAdmits(heard, 10, settings)]).toEqual(['half_open', true]);
    expect(after([[10, 'returned']])).toEqual(closedBreaker);
  });

  it('never opens when it is switched off', () => {
    const off = { ...settings, breakerFailuresMax: 0 };
    let state: BreakerState = closedBreaker;
    for (let i = 0; i < 10; i++) {
      state = nextBreaker(state, { kind: 'failed', startedMs: i }, i, off);
    }
    expect(state).toEqual(closedBreaker);
  });

  it('blames no instance for what is the client’s fault', () => {
    const blamed = faultCodes.filter(blamesInstance);
    expect(blamed).toEqual(['unavailable', 'internal'] satisfies FaultCode[]);
    for (const code of blamed) expect(faultTable[code].httpStatus).toBeGreaterThanOrEqual(500);
  });

  it('agrees with a slow reference that reads the whole history (property)', () => {
    const step = fc.record({
      afterMs: fc.nat(150),
      kind: fc.constantFrom('started', 'succeeded', 'failed', 'left', 'returned' as const),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        let nowMs = 0;
        let state: BreakerState = closedBreaker;
        const reference = referenceBreaker();
        for (const { afterMs, kind } of steps) {
          nowMs += afterMs;
          const event: BreakerEvent =
            kind === 'started' || kind === 'returned' ? { kind } : { kind, startedMs: nowMs };
          state = nextBreaker(state, event, nowMs, settings);
          reference.saw(kind, nowMs);
          if (breakerAdmits(state, nowMs, settings) !== reference.admits(nowMs)) return false;
        }
        return true;
      }),
    );
  });
});

/** The same rules for jobs that end in the instant in which they begin, without any thought of speed. */
const referenceBreaker = () => {
  let failuresMs: number[] = [];
  let shut: { untilMs: number; openMs: number; probing: boolean; probes: number } | undefined;
  const trip = (nowMs: number, openMs: number): void => {
    failuresMs = [];
    shut = { untilMs: nowMs + openMs, openMs, probing: false, probes: 0 };
  };
  return {
    saw: (kind: BreakerEvent['kind'], nowMs: number): void => {
      if (shut === undefined) {
        if (kind === 'succeeded') failuresMs = [];
        if (kind !== 'failed') return;
        const [firstMs = nowMs] = failuresMs;
        failuresMs = nowMs - firstMs <= 1000 ? [...failuresMs, nowMs] : [nowMs];
        if (failuresMs.length === 3) trip(nowMs, 100);
        return;
      }
      if (kind === 'succeeded') shut = undefined;
      else if (kind === 'failed') trip(nowMs, Math.min(350, 2 * shut.openMs));
      else if (kind === 'returned') shut.probing = true;
      else if (kind === 'started') {
        if (nowMs >= shut.untilMs) shut.probing = true;
        if (shut.probing) shut.probes += 1;
      } else shut.probes = Math.max(0, shut.probes - 1);
    },
    admits: (nowMs: number): boolean => {
      if (shut === undefined) return true;
      return shut.probing ? shut.probes < 1 : nowMs >= shut.untilMs;
    },
  };
};
