import { setTimeout as delay } from 'node:timers/promises';
import type { Fault } from '@isotherm/kernel';
import { abortFault } from '../thread/abort-fault.ts';

/** How one attempt ended: with a value, or with a server that was too busy for it. */
export type Attempt<Value> =
  | { readonly kind: 'done'; readonly value: Value }
  | { readonly kind: 'busy'; readonly fault: Fault; readonly retryAfterMs: number | undefined };

export interface RetryBounds {
  readonly retriesMax: number;
  readonly retryMsMin: number;
  readonly retryMsMax: number;
}

/**
 * Repeats what a server was too busy for: after what its Retry-After says, else after a wait that
 * doubles, in both cases with up to a quarter more, so that those refused together do not come
 * back together. A server that wants more time than the bound is taken at its word: it gets none.
 */
export const withRetries = async <Value>(
  { retriesMax, retryMsMin, retryMsMax }: RetryBounds,
  signal: AbortSignal,
  attempt: () => Promise<Attempt<Value>>,
): Promise<Value> => {
  for (let retries = 0; ; retries++) {
    const outcome = await attempt();
    if (outcome.kind === 'done') return outcome.value;
    const waitMs = outcome.retryAfterMs ?? Math.min(retryMsMin * 2 ** retries, retryMsMax);
    if (retries >= retriesMax || waitMs > retryMsMax) throw outcome.fault;
    await delay(waitMs * (1 + Math.random() / 4), undefined, { signal }).catch(() => {
      throw abortFault(signal);
    });
  }
};

/** Retry-After in either of its forms (seconds, or a date) as milliseconds from now. */
export const retryAfterMsOf = (header: string | undefined, nowMs: number): number | undefined => {
  if (header === undefined || header.trim() === '') return undefined;
  const seconds = Number(header);
  if (Number.isFinite(seconds)) return seconds < 0 ? undefined : seconds * 1000;
  const dateMs = Date.parse(header);
  return Number.isNaN(dateMs) ? undefined : Math.max(0, dateMs - nowMs);
};
