import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import {
  type BatchBound,
  batchOwner,
  batchWindow,
  type BatchItem,
  type BatchState,
  type BatchStore,
  type BatchView,
  type NewBatch,
} from '../batch-port.ts';
import { endBatch, listRunning, recordResult, submitBatch } from './batch-scripts.ts';
import { defineScript, unavailable } from './script.ts';

/** Most bytes of requests that one command carries: a long one would hold up the lanes. */
const uploadBytesMax = 1 << 20;
/** An upload that nobody finishes is gone after this, in milliseconds. */
const uploadMsMax = 60_000;

/**
 * Batches in Redis. Requests are written in pieces beside the batch, which one script then makes whole; every key has
 * an expiry, so that nothing stays for ever even where no router is left.
 */
export const redisBatches = (redis: Redis, prefix: string): BatchStore => {
  const submit = defineScript(redis, submitBatch);
  const record = defineScript(redis, recordResult);
  const end = defineScript(redis, endBatch);
  const list = defineScript(redis, listRunning);
  const head = `${prefix}:batch:`;
  const index = `${prefix}:batches`;
  const bytes = `${prefix}:batches:bytes`;
  const active = `${prefix}:batches:running`;

  const upload = async (key: string, requests: readonly Uint8Array[]): Promise<void> => {
    for (const piece of pieces(requests)) {
      const fields = piece.flatMap(([item, one]) => [String(item), Buffer.from(one)]);
      await answered(redis.hset(key, ...fields));
      await answered(redis.pexpire(key, uploadMsMax));
    }
  };

  const view = async (id: string): Promise<BatchView | undefined> => {
    const facts = await answered(redis.hgetall(head + id));
    const { state } = facts;
    if (state === undefined) return undefined;
    const numberOf = (name: string): number => Number(facts[name] ?? 0);
    return {
      id,
      state: state as BatchState,
      items: numberOf('items'),
      answered: numberOf('answered'),
      failed: numberOf('failed'),
      createdMs: numberOf('createdMs'),
      endedMs: numberOf('endedMs'),
      deadlineMs: numberOf('deadlineMs'),
      keptUntilMs: numberOf('keptUntilMs'),
    };
  };

  const endAs = (id: string, state: BatchState): Promise<unknown> =>
    end(head + id, index, bytes, active, id, Date.now(), state);

  return {
    submit: async (batch, limits) => {
      const key = `${head}${batch.id}:upload:${randomUUID()}`;
      await upload(key, batch.requests);
      const outcome = await submit(
        ...[head + batch.id, key, index, bytes, active, batch.id, Date.now()],
        ...[limits.batchesMax, limits.bytesMax, bytesOf(batch, limits.resultBytesMax)],
        ...[batch.digest, batch.deadlineMs, batch.keptMs, batch.requests.length],
        ...[batchOwner(batch.id), limits.ownerBatchesMax, limits.ownerBytesMax],
      );
      const kind = outcome as 'submitted' | 'known' | 'different' | BatchBound;
      if (kind === 'submitted' || kind === 'known' || kind === 'different') return { kind };
      return { kind: 'full', reason: kind };
    },
    view,
    results: async (id, first, countMax) => {
      const items = Array.from({ length: countMax }, (_, offset) => first + offset);
      if (items.length === 0) return [];
      const found = await answered(redis.hmgetBuffer(`${head}${id}:results`, ...items.map(String)));
      return items.flatMap((item, at) => {
        const one = found[at];
        return one === null || one === undefined ? [] : [{ index: item, bytes: one }];
      });
    },
    request: async ({ batchId, index: item }) => {
      const request = redis.hgetBuffer(`${head}${batchId}:requests`, String(item));
      return (await answered(request)) ?? undefined;
    },
    record: async ({ batchId, index: item }, { kind, bytes: result }) => {
      const next = await record(
        ...[head + batchId, index, bytes, active, batchId, item, kind],
        ...[Buffer.from(result), Date.now(), batchWindow],
      );
      return itemsOf(batchId, next as readonly string[]);
    },
    cancel: async (id) => {
      await endAs(id, 'cancelled');
      return view(id);
    },
    running: async () => {
      const found = (await list(active, head, batchWindow)) as readonly RunningReply[];
      const running = new Map<string, readonly BatchItem[]>();
      for (const [id, deadlineMs, items] of found) {
        if (Number(deadlineMs) <= Date.now()) await endAs(id, 'expired');
        else running.set(id, itemsOf(id, items));
      }
      return running;
    },
  };
};

type RunningReply = readonly [string, string, readonly string[]];

const itemsOf = (batchId: string, indices: readonly string[]): readonly BatchItem[] =>
  indices.map((each) => ({ batchId, index: Number(each) }));

/** What a batch may come to hold. */
const bytesOf = ({ requests }: NewBatch, resultBytesMax: number): number =>
  requests.reduce((sum, request) => sum + request.length + resultBytesMax, 0);

/** Requests with their places, in pieces of bounded bytes; a larger one is a piece of its own. */
const pieces = (requests: readonly Uint8Array[]): readonly (readonly [number, Uint8Array])[][] => {
  const all: (readonly [number, Uint8Array])[][] = [];
  let room = 0;
  requests.forEach((request, item) => {
    room -= request.length;
    if (all.length === 0 || room < 0) {
      all.push([]);
      room = uploadBytesMax - request.length;
    }
    all.at(-1)?.push([item, request]);
  });
  return all;
};

const answered = async <Value>(reply: Promise<Value>): Promise<Value> => {
  try {
    return await reply;
  } catch (cause) {
    throw unavailable(cause);
  }
};
