import type { Usage } from './usage.ts';

/** Work of a station is a whole number that its owner knows the meaning of: a request. */
export type Job = number;

/**
 * The engines of instances that are alike: what waits at each, what runs, and when it is done. All stations of a bank share
 * columns, a row or a stretch of them each, since thousands of separate objects would be thousands of misses of the cache.
 */
export interface StationBank {
  /** Gives a station one more job; who is told of its end is agreed when the bank is made. */
  enqueue(station: number, job: Job): void;
  /** Jobs that wait there. */
  waiting(station: number): number;
  /** Jobs that are being done there. */
  running(station: number): number;
  /** Share of the full clock from now on; what is under way in one go ends as it began. */
  setClock(station: number, share: number): void;
  readonly usage: Usage;
}
