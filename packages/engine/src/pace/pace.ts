import { setTimeout as delay } from 'node:timers/promises';
import { Fault, invariant } from '@isotherm/kernel';
import { oneAtATime } from '../profile/take-time.ts';

/** How an engine runs, changed while it works: what a thermal policy can turn without loading anything. */
export interface Pace {
  /**
   * Share of its full clock, above 0 to 1. An engine that has no clock of its own rests after each unit of work, so
   * that it works for this share of the time.
   */
  readonly clockShare: number;
  /** Most work in one batch; undefined: as many as the engine takes. */
  readonly batchMax: number | undefined;
  /** Time in which the engine had work, its rests included, in milliseconds. */
  readonly busyMs: number;
  /** The same, summed over the pieces of work: ÷ `busyMs` it is the mean batch. */
  readonly jobMs: number;
  /** Faults: `invalid_argument` for a share or a batch that none can be. */
  change(wanted: { readonly clockShare?: number; readonly batchMax?: number }): void;
  /**
   * Runs one unit of work of `size` pieces; while the clock is slowed, units take turns and each is followed by its
   * rest. What it ends with is known after the rest.
   */
  unit<Value>(
    size: number | ((value: Value) => number),
    work: () => Promise<Value>,
  ): Promise<Value>;
}

/** Slowest clock: work goes on at any share, and cancels and heartbeats with it. */
export const clockShareMin = 0.05;

/** How soon a rest notices that the clock has changed, in milliseconds. */
const restSliceMs = 50;

export const createPace = (): Pace => {
  const state = { clockShare: 1, batchMax: undefined as number | undefined };
  const meter = createMeter();
  const inTurn = oneAtATime();

  const rest = async (workedMs: number): Promise<void> => {
    const sinceMs = performance.now();
    for (;;) {
      const leftMs = workedMs * (1 / state.clockShare - 1) - (performance.now() - sinceMs);
      if (leftMs <= 0) return;
      await delay(Math.min(leftMs, restSliceMs));
    }
  };
  const slowed = async <Value>(work: () => Promise<Value>): Promise<Value> => {
    const startMs = performance.now();
    try {
      return await work();
    } finally {
      await rest(performance.now() - startMs);
    }
  };

  return {
    get clockShare() {
      return state.clockShare;
    },
    get batchMax() {
      return state.batchMax;
    },
    get busyMs() {
      return meter.busyMs();
    },
    get jobMs() {
      return meter.jobMs;
    },
    change: ({ clockShare = state.clockShare, batchMax }) => {
      if (!(clockShare > 0 && clockShare <= 1)) {
        const right = 'is above 0 and at most 1';
        throw new Fault('invalid_argument', `A share of the clock ${right}; not ${clockShare}.`);
      }
      state.clockShare = Math.max(clockShare, clockShareMin);
      if (batchMax !== undefined) state.batchMax = batchMax === 0 ? undefined : batchMax;
    },
    unit: async (size, work) => {
      const end = meter.begin();
      let pieces = typeof size === 'number' ? size : 0;
      try {
        const value = await (state.clockShare < 1 ? inTurn(() => slowed(work)) : work());
        if (typeof size !== 'number') pieces = size(value);
        return value;
      } finally {
        end(pieces);
      }
    },
  };
};

/** Adds up the time in which at least one unit of work was under way. */
const createMeter = () => {
  const sums = { busyMs: 0, jobMs: 0 };
  let underWay = 0;
  let sinceMs = 0;
  return {
    busyMs: (): number => sums.busyMs + (underWay > 0 ? performance.now() - sinceMs : 0),
    get jobMs() {
      return sums.jobMs;
    },
    begin: () => {
      const startMs = performance.now();
      if (underWay === 0) sinceMs = startMs;
      underWay += 1;
      return (pieces: number): void => {
        const nowMs = performance.now();
        sums.jobMs += pieces * (nowMs - startMs);
        underWay -= 1;
        invariant(underWay >= 0, 'a unit of work ends once');
        if (underWay === 0) sums.busyMs += nowMs - sinceMs;
      };
    },
  };
};
