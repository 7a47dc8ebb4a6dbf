import type { Payload } from './payload.ts';

export interface PullOptions {
  /** Unix time in milliseconds. */
  readonly deadlineMs: number;
  /** Ends the lease with the last byte: for payloads that have one reader. */
  readonly releaseAfter?: boolean;
  /** Largest payload that is accepted, in bytes. */
  readonly bytesMax?: number;
  readonly signal?: AbortSignal;
  /** Payloads that are here already: one of those is not pulled, unless the pull is to end its lease. */
  readonly given?: GivenPayloads | undefined;
}

/** Small payloads that came with a job, each to be had once: it is the taker's own then. */
export interface GivenPayloads {
  take(leaseId: string): Payload | undefined;
}

/** The same of one try at it. */
export interface PullTry extends PullOptions {
  /** Longest time without a byte while some are due, in milliseconds. */
  readonly silenceMs: number;
}

/** How one try ended: `silent` when nothing came of what was due. Whatever else goes wrong is thrown. */
export type PullOutcome =
  { readonly kind: 'done'; readonly payload: Payload } | { readonly kind: 'silent' };
