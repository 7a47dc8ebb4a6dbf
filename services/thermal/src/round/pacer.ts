import type { Clock } from '@isotherm/kernel';

/** Runs something again and again, and leaves time to others however slow the machine is. */
export interface Pacer {
  start(): void;
  /** Once more as soon as may be: something has happened. */
  soon(): void;
  /** 99th percentile of how long it took lately, in milliseconds. */
  p99Ms(): number;
  close(): void;
}

export interface PacerOptions {
  /** Time from one begin to the next, in milliseconds. */
  readonly intervalMs: number;
  /** Called with what it took, in milliseconds. */
  readonly took: (ms: number) => void;
  /** A fault of one run does not end the next. */
  readonly failed: (error: unknown) => void;
}

/** Longest rest after a run that took as long, in milliseconds: others may have slowed it down. */
const restMsMax = 1_000;
const timesMax = 512;

export const createPacer = (run: () => void, options: PacerOptions, clock: Clock): Pacer => {
  const times: number[] = [];
  let timer: NodeJS.Timeout | undefined;
  let closed = false;

  const once = (): number => {
    const beganMs = clock.monotonicMs();
    try {
      run();
    } catch (error) {
      options.failed(error);
    }
    const tookMs = clock.monotonicMs() - beganMs;
    times.push(tookMs);
    if (times.length > timesMax) times.shift();
    options.took(tookMs);
    return tookMs;
  };
  const next = (): void => {
    if (closed) return;
    const tookMs = once();
    const restMs = Math.min(tookMs, restMsMax);
    timer = setTimeout(next, Math.max(options.intervalMs - tookMs, restMs));
  };

  return {
    start: next,
    soon: () => {
      setImmediate(() => {
        if (!closed) once();
      });
    },
    p99Ms: () => times.toSorted((a, b) => a - b)[Math.floor(0.99 * (times.length - 1))] ?? 0,
    close: () => {
      closed = true;
      clearTimeout(timer);
    },
  };
};
