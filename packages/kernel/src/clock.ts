/**
 * Time as a dependency. `nowMs` is Unix time in milliseconds (comparable between processes, used for
 * deadlines and leases); `monotonicMs` only ever rises (used for durations).
 */
export interface Clock {
  nowMs(): number;
  monotonicMs(): number;
}

/** The machine's own clock. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
};

/** A clock that stands still until it is moved: for tests and simulation. */
export interface ManualClock extends Clock {
  advance(ms: number): void;
}

export const manualClock = (startMs = 0): ManualClock => {
  let now = startMs;
  return {
    nowMs: () => now,
    monotonicMs: () => now - startMs,
    advance: (ms) => {
      now += ms;
    },
  };
};

/** Longest delay that a timer holds, in milliseconds; a longer one would fire at once. */
export const timerMsMax = 2 ** 31 - 1;

/** Delay of a timer that fires at a deadline (Unix time in milliseconds): never negative, never too long. */
export const timerMsUntil = (deadlineMs: number, nowMs: number): number =>
  Math.max(0, Math.min(deadlineMs - nowMs, timerMsMax));
