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
