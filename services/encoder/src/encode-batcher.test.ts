import { describe, expect, it } from '@jest/globals';
import type { Embedding, EncodeEngine, Medium, Outcome } from '@isotherm/engine';
import { deferred, type Deferred, Fault } from '@isotherm/kernel';
import { createEncodeBatcher } from './encode-batcher.ts';

const never = new AbortController().signal;
const medium = (id: number): Medium => ({
  kind: 'file' as const,
  modality: 'image',
  bytes: Uint8Array.of(id),
  tokens: 1,
});
const embedding = (id: number): Embedding => [
  { name: 'embedding', dataType: 'uint8', shape: [1, 1], data: Uint8Array.of(id) },
];

interface Call {
  readonly ids: readonly number[];
  readonly signal: AbortSignal;
  readonly gate: Deferred<undefined>;
}

/** An engine whose batches end when the test says so; media with id 0 are bad. */
const gatedEngine = (batchMax: number): { engine: EncodeEngine; calls: Call[] } => {
  const calls: Call[] = [];
  const outcome = (id: number): Outcome<Embedding> =>
    id === 0
      ? { kind: 'failed', fault: new Fault('invalid_argument', 'bad') }
      : { kind: 'done', value: embedding(id) };
  const engine: EncodeEngine = {
    batchMax,
    scope: 'test',
    encode: async (media, signal) => {
      const ids = media.map((one) => (one.kind === 'file' ? (one.bytes[0] ?? -1) : -1));
      const gate = deferred<undefined>();
      calls.push({ ids, signal, gate });
      await gate.promise;
      return ids.map(outcome);
    },
    close: () => Promise.resolve(),
  };
  return { engine, calls };
};

const turns = async (count = 4): Promise<void> => {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve));
};

describe('the encode batcher', () => {
  it('starts at once and gathers while the engine works', async () => {
    const { engine, calls } = gatedEngine(2);
    const batcher = createEncodeBatcher(engine);
    const first = batcher.encode(medium(1), 'a', never);
    await turns();
    const rest = [2, 3, 4].map((id) => batcher.encode(medium(id), 'a', never));
    await turns();
    expect(calls.map(({ ids }) => ids)).toEqual([[1]]);
    calls[0]?.gate.resolve(undefined);
    await first;
    await turns();
    calls[1]?.gate.resolve(undefined);
    await turns();
    calls[2]?.gate.resolve(undefined);
    const done = await Promise.all(rest);
    expect(calls.map(({ ids }) => ids)).toEqual([[1], [2, 3], [4]]);
    expect(done.map(({ embedding, batch }) => [embedding[0]?.data[0], batch])).toEqual([
      [2, 2],
      [3, 2],
      [4, 1],
    ]);
  });

  it('lets a modality overtake another that is busy', async () => {
    const { engine, calls } = gatedEngine(8);
    const batcher = createEncodeBatcher(engine);
    const clip = batcher.encode({ ...medium(1), modality: 'video' }, 'a', never);
    await turns();
    const picture = batcher.encode(medium(2), 'a', never);
    await turns();
    expect(calls.map(({ ids }) => ids)).toEqual([[1], [2]]);
    calls[1]?.gate.resolve(undefined);
    await expect(picture).resolves.toMatchObject({ batch: 1 });
    calls[0]?.gate.resolve(undefined);
    await clip;
  });

  it('fails a bad medium alone', async () => {
    const { engine, calls } = gatedEngine(8);
    const batcher = createEncodeBatcher(engine);
    const bad = batcher.encode(medium(0), 'a', never);
    const good = batcher.encode(medium(5), 'a', never);
    await turns();
    calls[0]?.gate.resolve(undefined);
    await expect(bad).rejects.toMatchObject({ code: 'invalid_argument' });
    await expect(good).resolves.toMatchObject({ batch: 2 });
  });

  it('lets a waiting medium leave, and aborts a batch that nobody waits for', async () => {
    const { engine, calls } = gatedEngine(1);
    const batcher = createEncodeBatcher(engine);
    const running = new AbortController();
    const waiting = new AbortController();
    const first = batcher.encode(medium(1), 'a', running.signal);
    await turns();
    const second = batcher.encode(medium(2), 'a', waiting.signal);
    waiting.abort(new Error('left'));
    await expect(second).rejects.toThrow('left');
    running.abort(new Error('gone'));
    await expect(first).rejects.toThrow('gone');
    expect(calls[0]?.signal.aborted).toBe(true);
    calls[0]?.gate.resolve(undefined);
    await turns();
    expect(calls).toHaveLength(1);
  });

  it('lets a request with little to encode overtake one with much', async () => {
    const { engine, calls } = gatedEngine(2);
    const batcher = createEncodeBatcher(engine);
    const all = [batcher.encode(medium(1), 'first', never)];
    await turns();
    all.push(...[2, 3, 4].map((id) => batcher.encode(medium(id), 'large', never)));
    all.push(batcher.encode(medium(5), 'small', never));
    for (let call = 0; call < 3; call++) {
      await turns();
      calls[call]?.gate.resolve(undefined);
    }
    await Promise.all(all);
    expect(calls.map(({ ids }) => ids)).toEqual([[1], [5, 2], [3, 4]]);
  });

  it('has the next one prepared meanwhile where media go one by one', async () => {
    const { engine, calls } = gatedEngine(1);
    const batcher = createEncodeBatcher(engine);
    const all = [1, 2, 3].map((id) => batcher.encode(medium(id), 'a', never));
    await turns();
    expect(calls.map(({ ids }) => ids)).toEqual([[1], [2]]);
    calls[0]?.gate.resolve(undefined);
    await turns();
    expect(calls.map(({ ids }) => ids)).toEqual([[1], [2], [3]]);
    for (const { gate } of calls) gate.resolve(undefined);
    await Promise.all(all);
  });
});
