/**
 * Port of batches: work that outlives every process. A batch is a list of items, each an opaque request and, once it is
 * done, an opaque result. The store keeps them; who runs the items is told by a lane (`batchLane`) that all routers share,
 * and by `running`, which finds again what a lost lane job has left.
 */
import type { LaneName } from './port.ts';

/** The lane whose jobs each say: run this item of this batch. */
export const batchLane = 'batch-items' as LaneName;

/** Most items of one batch in the lane at once, so that batches that run at the same time take turns. */
export const batchWindow = 8;

/** A job of `batchLane`. */
export interface BatchItem {
  readonly batchId: string;
  /** Place in the batch, from 0. */
  readonly index: number;
}

/** The id of an owner's batch among all batches: owners share no names. Neither part has a slash. */
export const batchIdOf = (owner: string, name: string): string => `${owner}/${name}`;

/** Whose a batch is, by its id; of an id without an owner nobody's. */
export const batchOwner = (id: string): string => id.slice(0, Math.max(0, id.lastIndexOf('/')));

export interface BatchLimits {
  /** Most batches kept, ended ones included. */
  readonly batchesMax: number;
  /** Most of them, and of their bytes, that are of one owner. */
  readonly ownerBatchesMax: number;
  readonly ownerBytesMax: number;
  /** Most bytes of all batches: their requests, and room for their results. */
  readonly bytesMax: number;
  /** Largest result in bytes; a batch takes room for as many as it has items. */
  readonly resultBytesMax: number;
}

export interface NewBatch {
  readonly id: string;
  /** Of all that was submitted: the same id with another digest is another batch. */
  readonly digest: string;
  readonly requests: readonly Uint8Array[];
  /** What has no result by then ends without one, Unix time in milliseconds. */
  readonly deadlineMs: number;
  /** How long an ended batch is kept, in milliseconds. */
  readonly keptMs: number;
}

export type BatchState = 'running' | 'completed' | 'cancelled' | 'expired';

export interface BatchView {
  readonly id: string;
  readonly state: BatchState;
  readonly items: number;
  /** Items with a result that is an answer. */
  readonly answered: number;
  /** Items with a result that is an error. */
  readonly failed: number;
  /** Unix times in milliseconds; `endedMs` is 0 while it runs. */
  readonly createdMs: number;
  readonly endedMs: number;
  readonly deadlineMs: number;
  readonly keptUntilMs: number;
}

export interface BatchResult {
  readonly index: number;
  readonly bytes: Uint8Array;
}

/** What a batch did not fit into: the bounds of all, or of its owner's. */
export type BatchBound = 'batches' | 'bytes' | 'owner_batches' | 'owner_bytes';

/** What became of `submit`. */
export type SubmitOutcome =
  | { readonly kind: 'submitted' }
  /** The very same was submitted before. */
  | { readonly kind: 'known' }
  /** Something else was submitted under this id. */
  | { readonly kind: 'different' }
  | { readonly kind: 'full'; readonly reason: BatchBound };

/** Every call fails with `unavailable` while the store cannot be reached. */
export interface BatchStore {
  submit(batch: NewBatch, limits: BatchLimits): Promise<SubmitOutcome>;
  /** Undefined: never there, or kept no longer. */
  view(id: string): Promise<BatchView | undefined>;
  /** Results there are among `countMax` items from `first`, in order. */
  results(id: string, first: number, countMax: number): Promise<readonly BatchResult[]>;
  /** The request of an item that still wants a result; undefined where none is wanted. */
  request(item: BatchItem): Promise<Uint8Array | undefined>;
  /**
   * Keeps the result of an item, once: a second one is dropped, as is one of a batch that has ended. Gives the items that
   * may enter the lane now. The last result completes the batch.
   */
  record(
    item: BatchItem,
    result: { readonly kind: 'answered' | 'failed'; readonly bytes: Uint8Array },
  ): Promise<readonly BatchItem[]>;
  /** Ends a batch that runs; items that run already lose their results. Undefined as of `view`. */
  cancel(id: string): Promise<BatchView | undefined>;
  /** All batches that run, each with the first items that have no result; ends those past their deadline. */
  running(): Promise<ReadonlyMap<string, readonly BatchItem[]>>;
}
