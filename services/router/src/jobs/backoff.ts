import { setTimeout as delay } from 'node:timers/promises';
import { type Clock, type Fault, type Random } from '@isotherm/kernel';
import { planRetry, type RetrySettings } from '@isotherm/policy';
import type { DecisionRecord } from '../record/record-book.ts';

/** A piece of work that has just failed, and for whom it was done. */
export interface FailedAttempt {
  readonly attempts: number;
  readonly attemptsMax: number;
  /** Unix time in milliseconds. */
  readonly deadlineMs: number;
  readonly record: DecisionRecord;
  /** What is thrown when it is not tried again. */
  readonly fault: Fault;
}

/** Waits before work is tried again, or throws the fault that it failed with. Faults: also the signal's reason. */
export type Backoff = (failed: FailedAttempt, signal: AbortSignal) => Promise<void>;

export const createBackoff =
  (settings: RetrySettings, random: Random, clock: Pick<Clock, 'nowMs'>): Backoff =>
  async ({ attempts, attemptsMax, deadlineMs, record, fault }, signal) => {
    const leftMs = deadlineMs - clock.nowMs();
    const plan = planRetry({ attempts, attemptsMax, leftMs }, settings, random);
    if (plan.kind === 'give_up') throw fault;
    record.note('waited', { attempts, waitedMs: plan.afterMs });
    await delay(plan.afterMs, undefined, { signal }).catch(() => signal.throwIfAborted());
  };
