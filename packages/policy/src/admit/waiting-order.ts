import { type SloClass, ttftTargetMs } from './slo-class.ts';

/** What the order within a tenant's share is by. */
export interface Waiting {
  /** When its first token is due: see `dueMsOf`. */
  readonly dueMs: number;
  /** Its place in the order of arrival. */
  readonly arrival: number;
}

/**
 * When a request's first token is due: its arrival and its class's target, which grows with the prompt. So a short request
 * goes before a long one that came at the same time or a little earlier; and since what is due is fixed, a long one is
 * only ever passed by what came within that time of it. A deadline of the client's own may be sooner.
 */
export const dueMsOf = (
  arrivedMs: number,
  promptTokens: number,
  slo: Pick<SloClass, 'ttftMs' | 'ttftTokenMs'>,
  deadlineMs: number,
): number => Math.min(arrivedMs + ttftTargetMs(slo, promptTokens), deadlineMs);

/** Earliest due first; of equals the one that came first. */
export const byDue = (one: Waiting, other: Waiting): number =>
  one.dueMs - other.dueMs || one.arrival - other.arrival;
