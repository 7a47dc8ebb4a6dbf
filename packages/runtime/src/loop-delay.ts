import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks';

/** How late the event loop of this thread runs what is due. */
export interface LoopDelay {
  /** 99th percentile over the last window that is complete, in milliseconds; over the first one while it lasts. */
  p99Ms(): number;
  close(): void;
}

/** How often the delay is sampled, in milliseconds. */
const sampleMs = 10;
const windowMsDefault = 5_000;

/** Samples come at least `sampleMs` apart: only what is above that is delay. */
const p99Of = (histogram: IntervalHistogram): number =>
  histogram.count === 0 ? 0 : Math.max(0, histogram.percentile(99) / 1e6 - sampleMs);

export const watchLoopDelay = (windowMs = windowMsDefault): LoopDelay => {
  const histogram = monitorEventLoopDelay({ resolution: sampleMs });
  let complete: number | undefined;
  histogram.enable();
  const timer = setInterval(() => {
    complete = p99Of(histogram);
    histogram.reset();
  }, windowMs);
  timer.unref();
  return {
    p99Ms: () => complete ?? p99Of(histogram),
    close: () => {
      clearInterval(timer);
      histogram.disable();
    },
  };
};
