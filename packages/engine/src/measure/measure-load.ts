import { setTimeout as delay } from 'node:timers/promises';
import { type LoadPoint, type Random } from '@isotherm/kernel';
import { type EnergyMeter, quantile } from './timed-runs.ts';

export interface LoadOptions {
  /** Jobs a second that arrive at random, and how many in all. */
  readonly jobsPerS: number;
  readonly jobs: number;
  readonly tokensEach: number;
  /** Most jobs that one unit of work takes. */
  readonly batchMax: number;
  readonly random: Random;
  readonly energy: EnergyMeter;
}

/**
 * An open loop: jobs arrive whatever the engine does, and wait while it works; whenever it is free it takes all that wait, up
 * to a batch, as a stage does. Each job's time is from when it should have arrived to when its unit ended.
 */
export const measureLoad = async (
  work: (batch: number) => Promise<unknown>,
  { jobsPerS, jobs, tokensEach, batchMax, random, energy }: LoadOptions,
): Promise<LoadPoint> => {
  const arrivals = arrivalsOf(jobsPerS, jobs, random);
  const joulesBefore = await energy.joules();
  const beganMs = performance.now();
  const tookMs: number[] = [];
  let busyMs = 0;
  while (tookMs.length < jobs) {
    const nowMs = performance.now() - beganMs;
    const next = arrivals[tookMs.length] ?? 0;
    if (next > nowMs) {
      await delay(next - nowMs);
      continue;
    }
    const due = arrivals.slice(tookMs.length, tookMs.length + batchMax);
    const waiting = due.filter((atMs) => atMs <= nowMs);
    await work(waiting.length);
    const endMs = performance.now() - beganMs;
    busyMs += endMs - nowMs;
    for (const atMs of waiting) tookMs.push(endMs - atMs);
  }
  const endMs = performance.now() - beganMs;
  const joulesAfter = await energy.joules();
  const isCounted = joulesBefore !== undefined && joulesAfter !== undefined;
  return {
    offeredTokensPerS: jobsPerS * tokensEach,
    doneTokensPerS: (jobs * tokensEach * 1000) / endMs,
    p50Ms: quantile(tookMs, 0.5),
    p99Ms: quantile(tookMs, 0.99),
    busyShare: Math.min(1, busyMs / endMs),
    ...(isCounted ? { powerW: ((joulesAfter - joulesBefore) * 1000) / endMs } : {}),
  };
};

/** Times of arrival in milliseconds, gaps drawn from an exponential distribution. */
const arrivalsOf = (perS: number, count: number, random: Random): readonly number[] => {
  let atMs = 0;
  return Array.from({ length: count }, () => {
    atMs += (-Math.log(1 - random()) * 1000) / perS;
    return atMs;
  });
};
