import { describe, expect, it } from '@jest/globals';
import {
  batchIdOf,
  batchWindow,
  type BatchLimits,
  type BatchStore,
  type NewBatch,
} from '../batch-port.ts';
import { eventually } from './eventually.ts';
import { type FabricHarness, withFabric } from './harness.ts';

const limits: BatchLimits = {
  ...{ batchesMax: 3, bytesMax: 10_000, resultBytesMax: 100 },
  ...{ ownerBatchesMax: 9, ownerBytesMax: 100_000 },
};
const bytes = (text: string): Uint8Array => Buffer.from(text);
const answer = (text: string) => ({ kind: 'answered' as const, bytes: bytes(text) });

const batch = (id: string, items: number, over: Partial<NewBatch> = {}): NewBatch => ({
  id,
  digest: `${id}-${items}`,
  // Any bytes at all, not only text.
  requests: Array.from({ length: items }, (_, index) => new Uint8Array([0, 255, index])),
  deadlineMs: Date.now() + 60_000,
  keptMs: 60_000,
  ...over,
});

const indicesOf = async (store: BatchStore, id: string): Promise<readonly number[] | undefined> =>
  (await store.running()).get(id)?.map(({ index }) => index);

/** What every adapter guarantees of batches. */
export const describeBatches = (harness: FabricHarness): void => {
  const fabric = withFabric(harness);

  describe('batches', () => {
    it('keep requests and results until all are done', () =>
      fabric(async ({ batches }) => {
        const sent = batch('a', 3);
        expect(await batches.submit(sent, limits)).toEqual({ kind: 'submitted' });
        expect(await indicesOf(batches, 'a')).toEqual([0, 1, 2]);
        const request = await batches.request({ batchId: 'a', index: 1 });
        expect([...(request ?? [])]).toEqual([0, 255, 1]);
        await batches.record({ batchId: 'a', index: 1 }, answer('one'));
        const failure = { kind: 'failed' as const, bytes: bytes('no') };
        await batches.record({ batchId: 'a', index: 0 }, failure);
        expect(await batches.request({ batchId: 'a', index: 1 })).toBeUndefined();
        expect(await batches.view('a')).toMatchObject({
          ...{ state: 'running', items: 3, answered: 1, failed: 1, endedMs: 0 },
          ...{ deadlineMs: sent.deadlineMs },
        });
        await batches.record({ batchId: 'a', index: 2 }, answer('two'));
        expect(await batches.view('a')).toMatchObject({
          state: 'completed',
          answered: 2,
          failed: 1,
        });
        expect(await indicesOf(batches, 'a')).toBeUndefined();
        const results = await batches.results('a', 1, 10);
        expect(results.map((one) => [one.index, Buffer.from(one.bytes).toString()])).toEqual([
          [1, 'one'],
          [2, 'two'],
        ]);
      }));

    it('take one result for an item, and none when they have ended', () =>
      fabric(async ({ batches }) => {
        await batches.submit(batch('a', 2), limits);
        await batches.record({ batchId: 'a', index: 0 }, answer('first'));
        await batches.record({ batchId: 'a', index: 0 }, answer('second'));
        expect(await batches.cancel('a')).toMatchObject({ state: 'cancelled', answered: 1 });
        await batches.record({ batchId: 'a', index: 1 }, answer('late'));
        expect(await batches.request({ batchId: 'a', index: 1 })).toBeUndefined();
        const results = await batches.results('a', 0, 2);
        expect(results.map((one) => Buffer.from(one.bytes).toString())).toEqual(['first']);
        expect(await batches.cancel('a')).toMatchObject({ state: 'cancelled', answered: 1 });
        expect(await batches.cancel('never')).toBeUndefined();
      }));

    it('let items into the lane as others leave it', () =>
      fabric(async ({ batches }) => {
        await batches.submit(batch('a', batchWindow + 1), limits);
        expect(await indicesOf(batches, 'a')).toHaveLength(batchWindow);
        const next = await batches.record({ batchId: 'a', index: 3 }, answer('x'));
        expect(next).toEqual([{ batchId: 'a', index: batchWindow }]);
        expect(await batches.record({ batchId: 'a', index: 0 }, answer('x'))).toEqual([]);
      }));

    it('know what was submitted before', () =>
      fabric(async ({ batches }) => {
        await batches.submit(batch('a', 1), limits);
        expect(await batches.submit(batch('a', 1), limits)).toEqual({ kind: 'known' });
        expect(await batches.submit(batch('a', 2), limits)).toEqual({ kind: 'different' });
        expect(await batches.view('a')).toMatchObject({ items: 1 });
      }));

    it('are bounded in number and in bytes, of which those that end give back', () =>
      fabric(async ({ batches }) => {
        // 80 items of 3 bytes, with room for 100 bytes of result each.
        expect(await batches.submit(batch('a', 80), limits)).toEqual({ kind: 'submitted' });
        const full = { kind: 'full', reason: 'bytes' };
        expect(await batches.submit(batch('b', 80), limits)).toEqual(full);
        expect(await batches.view('b')).toBeUndefined();
        await batches.cancel('a');
        expect(await batches.submit(batch('b', 80), limits)).toEqual({ kind: 'submitted' });
        expect(await batches.submit(batch('c', 1), limits)).toEqual({ kind: 'submitted' });
        const many = { kind: 'full', reason: 'batches' };
        expect(await batches.submit(batch('d', 1), limits)).toEqual(many);
      }));

    it('are bounded for each owner by itself, who shares no names with others', () =>
      fabric(async ({ batches }) => {
        const own = { ...limits, ownerBatchesMax: 2, ownerBytesMax: 2000 };
        const submit = (owner: string, name: string, items: number) =>
          batches.submit(batch(batchIdOf(owner, name), items), own);
        expect(await submit('one', 'a', 10)).toEqual({ kind: 'submitted' });
        expect(await submit('one', 'b', 10)).toEqual({ kind: 'full', reason: 'owner_bytes' });
        expect(await submit('one', 'b', 9)).toEqual({ kind: 'submitted' });
        expect(await submit('one', 'c', 1)).toEqual({ kind: 'full', reason: 'owner_batches' });
        expect(await submit('two', 'a', 1)).toEqual({ kind: 'submitted' });
        expect(await batches.view(batchIdOf('one', 'a'))).toMatchObject({ items: 10 });
        expect(await batches.view(batchIdOf('two', 'a'))).toMatchObject({ items: 1 });
        expect(await batches.view('a')).toBeUndefined();
      }));

    it('end at their deadline and are forgotten after their time', () =>
      fabric(async ({ batches }) => {
        const short = { deadlineMs: Date.now() + 50, keptMs: 500 };
        await batches.submit(batch('a', 1, short), limits);
        await eventually(async () => (await indicesOf(batches, 'a')) === undefined);
        expect(await batches.view('a')).toMatchObject({ state: 'expired', answered: 0 });
        await eventually(async () => (await batches.view('a')) === undefined);
        // Their place is free as well.
        const one = { ...limits, batchesMax: 1 };
        expect(await batches.submit(batch('b', 1), one)).toEqual({ kind: 'submitted' });
      }));
  });
};
