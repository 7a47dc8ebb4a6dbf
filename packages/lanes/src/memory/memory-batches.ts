import type { Clock } from '@isotherm/kernel';
import {
  batchOwner,
  batchWindow,
  type BatchBound,
  type BatchItem,
  type BatchLimits,
  type BatchState,
  type BatchStore,
  type BatchView,
  type NewBatch,
} from '../batch-port.ts';

interface Held {
  readonly batch: NewBatch;
  readonly createdMs: number;
  readonly results: Map<number, Uint8Array>;
  readonly pending: Set<number>;
  state: BatchState;
  answered: number;
  failed: number;
  endedMs: number;
  bytes: number;
}

/** Batches of one embedded process: they end with it. */
export const memoryBatches = (clock: Clock): BatchStore => {
  const all = new Map<string, Held>();

  const keptUntilMs = ({ batch, endedMs }: Held): number =>
    (endedMs === 0 ? batch.deadlineMs : endedMs) + batch.keptMs;
  const find = (id: string): Held | undefined => {
    for (const [each, held] of all) if (keptUntilMs(held) <= clock.nowMs()) all.delete(each);
    return all.get(id);
  };
  const end = (held: Held, state: BatchState): void => {
    if (held.state !== 'running') return;
    held.state = state;
    held.endedMs = clock.nowMs();
    held.pending.clear();
    held.bytes = [...held.results.values()].reduce((sum, result) => sum + result.length, 0);
  };
  const viewOf = (held: Held): BatchView => ({
    id: held.batch.id,
    state: held.state,
    items: held.batch.requests.length,
    answered: held.answered,
    failed: held.failed,
    createdMs: held.createdMs,
    endedMs: held.endedMs,
    deadlineMs: held.batch.deadlineMs,
    keptUntilMs: keptUntilMs(held),
  });
  const windowOf = ({ batch, pending }: Held): readonly BatchItem[] =>
    [...pending].slice(0, batchWindow).map((index) => ({ batchId: batch.id, index }));

  return {
    submit: async (batch, limits) => {
      const known = find(batch.id);
      if (known !== undefined) {
        return { kind: known.batch.digest === batch.digest ? 'known' : 'different' };
      }
      const { requests } = batch;
      const bytes = requests.reduce((sum, one) => sum + one.length + limits.resultBytesMax, 0);
      const bound = firstReached([...all.values()], batch.id, bytes, limits);
      if (bound !== undefined) return { kind: 'full', reason: bound };
      all.set(batch.id, {
        ...{
          batch,
          createdMs: clock.nowMs(),
          results: new Map(),
          pending: new Set(requests.keys()),
        },
        ...{ state: 'running', answered: 0, failed: 0, endedMs: 0, bytes },
      });
      return { kind: 'submitted' };
    },
    view: async (id) => {
      const held = find(id);
      return held && viewOf(held);
    },
    results: async (id, first, countMax) => {
      const results = find(id)?.results ?? new Map<number, Uint8Array>();
      return [...results]
        .filter(([index]) => index >= first && index < first + countMax)
        .toSorted(([a], [b]) => a - b)
        .map(([index, bytes]) => ({ index, bytes }));
    },
    request: async ({ batchId, index }) => {
      const held = find(batchId);
      return held?.pending.has(index) === true ? held.batch.requests[index] : undefined;
    },
    record: async ({ batchId, index }, { kind, bytes }) => {
      const held = find(batchId);
      if (held === undefined || !held.pending.delete(index)) return [];
      held.results.set(index, bytes);
      held[kind] += 1;
      if (held.pending.size === 0) end(held, 'completed');
      return windowOf(held).slice(batchWindow - 1);
    },
    cancel: async (id) => {
      const held = find(id);
      if (held !== undefined) end(held, 'cancelled');
      return held && viewOf(held);
    },
    running: async () => {
      const running = new Map<string, readonly BatchItem[]>();
      for (const [id, held] of all) {
        if (held.state === 'running' && held.batch.deadlineMs <= clock.nowMs())
          end(held, 'expired');
        if (held.state === 'running') running.set(id, windowOf(held));
      }
      return running;
    },
  };
};

/** The first bound that one more batch of so many bytes would pass; its owner's own come first. */
const firstReached = (
  all: readonly Held[],
  id: string,
  bytes: number,
  limits: BatchLimits,
): BatchBound | undefined => {
  const sizeOf = (held: readonly Held[]): number =>
    held.reduce((sum, one) => sum + one.bytes, bytes);
  const own = all.filter(({ batch }) => batchOwner(batch.id) === batchOwner(id));
  if (own.length >= limits.ownerBatchesMax) return 'owner_batches';
  if (sizeOf(own) > limits.ownerBytesMax) return 'owner_bytes';
  if (all.length >= limits.batchesMax) return 'batches';
  return sizeOf(all) > limits.bytesMax ? 'bytes' : undefined;
};
