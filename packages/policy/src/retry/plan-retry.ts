import type { Random } from '@isotherm/kernel';

/** Bounds of the pauses between attempts. */
export interface RetrySettings {
  /** Longest pause before the second attempt; doubled with each later one, in milliseconds. */
  readonly retryBackoffMs: number;
  /** Longest pause at all, in milliseconds. */
  readonly retryBackoffMsMax: number;
}

export type RetryPlan =
  | { readonly kind: 'retry'; readonly afterMs: number }
  | { readonly kind: 'give_up'; readonly reason: 'attempts' | 'deadline' };

/** Where a piece of work stands that has just failed. */
export interface FailedWork {
  /** Attempts that have been made, at least 1. */
  readonly attempts: number;
  readonly attemptsMax: number;
  /** Time that is left of the deadline, in milliseconds. */
  readonly leftMs: number;
}

/**
 * Exponential backoff with full jitter: a pause is drawn from 0 to its bound, so that what failed together does not come
 * back together ("Exponential Backoff And Jitter", AWS Architecture Blog, 2015). A pause that would outlast the deadline is
 * not begun.
 */
export const planRetry = (
  { attempts, attemptsMax, leftMs }: FailedWork,
  { retryBackoffMs, retryBackoffMsMax }: RetrySettings,
  random: Random,
): RetryPlan => {
  if (attempts >= attemptsMax) return { kind: 'give_up', reason: 'attempts' };
  const boundMs = Math.min(retryBackoffMs * 2 ** Math.min(attempts - 1, 30), retryBackoffMsMax);
  const afterMs = random() * boundMs;
  if (afterMs >= leftMs) return { kind: 'give_up', reason: 'deadline' };
  return { kind: 'retry', afterMs };
};
