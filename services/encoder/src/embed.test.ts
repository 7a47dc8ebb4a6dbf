import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type EncodeEngine, profileEncodeEngine, switchableEncodeEngine } from '@isotherm/engine';
import { deferred, type Deferred, type Fault, requestId, seededRandom } from '@isotherm/kernel';
import type { EncodeJob } from '@isotherm/proto';
import {
  bytesPayload,
  createLeaseStore,
  createPeers,
  type LeaseStore,
  payloadDigest,
  type Peers,
  type RunningServer,
  startServer,
  transferService,
} from '@isotherm/rpc';
import { createEmbedder } from './embed.ts';

const never = new AbortController().signal;
let store: LeaseStore;
let peers: Peers;
let server: RunningServer;

beforeEach(async () => {
  store = createLeaseStore({ bytesMax: 1 << 20 });
  peers = createPeers();
  const services = [transferService(store)];
  const listen = '127.0.0.1:0';
  server = await startServer({ listen, advertiseHost: '127.0.0.1', reflection: false, services });
});
afterEach(async () => {
  peers.close();
  await server.close(0);
  store.close();
});

/** A job for a medium that a router holds under a lease. */
const jobOf = async (content: string, different: Partial<EncodeJob> = {}): Promise<EncodeJob> => {
  const payload = bytesPayload(new TextEncoder().encode(content));
  const expiresMs = Date.now() + 60_000;
  const leaseId = store.put(payload, { request: requestId('r'), expiresMs });
  const { address } = server;
  const digest = await payloadDigest(payload);
  return {
    jobId: `job ${leaseId}`,
    requestId: 'r',
    routerId: 'router',
    model: 'profile',
    media: { leaseId, address, ownerId: 'router', bytes: 1, digest, tokens: 0 },
    modality: 'image',
    tokens: 2,
    deadlineMs: Date.now() + 60_000,
    enqueuedMs: Date.now(),
    param: 'p',
    ...different,
  };
};

/** The profile engine, counting what it is asked for, behind a gate where one is given. */
const counting = (scope = 'a', gate?: Deferred<undefined>) => {
  const inner = profileEncodeEngine({ hiddenSize: 2 });
  const media: number[] = [];
  const engine: EncodeEngine = {
    ...inner,
    scope,
    encode: async (batch, signal, known) => {
      media.push(batch.length);
      await gate?.promise;
      return inner.encode(batch, signal, (index, name) => known?.(index, { ...name, scope }));
    },
  };
  return { engine, media };
};

const embedderOf = (engine: EncodeEngine, cacheBytesMax = 1000) =>
  createEmbedder({ engine, payloadBytesMax: 1000, cacheBytesMax });

describe('the embedder', () => {
  it('asks the engine once for a medium that comes again, and pulls it once', async () => {
    const { engine, media } = counting();
    const embedder = embedderOf(engine);
    const first = await embedder.embed(await jobOf('cat'), peers, never);
    const job = await jobOf('cat');
    store.release([job.media?.leaseId ?? '']);
    const again = await embedder.embed(job, peers, never);
    expect(again.embedding).toBe(first.embedding);
    expect([first.timing.cachedTokens, again.timing.cachedTokens]).toEqual([0, 2]);
    expect(media).toEqual([1]);
    expect(embedder.cache.status()).toMatchObject({ hits: 1, misses: 1, coalesced: 0 });
  });

  it('does identical work that is under way once', async () => {
    const gate = deferred<undefined>();
    const { engine, media } = counting('a', gate);
    const embedder = embedderOf(engine);
    const jobs = await Promise.all(['cat', 'cat', 'cat', 'dog'].map((each) => jobOf(each)));
    const all = jobs.map((job) => embedder.embed(job, peers, never));
    gate.resolve(undefined);
    const [one, two, three, other] = await Promise.all(all);
    expect(new Set([one?.embedding, two?.embedding, three?.embedding]).size).toBe(1);
    expect(other?.embedding).not.toBe(one?.embedding);
    expect(media.reduce((sum, each) => sum + each, 0)).toBe(2);
    expect(embedder.cache.status()).toMatchObject({ misses: 2, coalesced: 2 });
  });

  it('pulls with another handle when that of the first has ended', async () => {
    const { engine } = counting();
    const embedder = embedderOf(engine);
    const gone = await jobOf('cat');
    store.release([gone.media?.leaseId ?? '']);
    const lost = embedder.embed(gone, peers, never);
    const good = embedder.embed(await jobOf('cat'), peers, never);
    await expect(lost).rejects.toMatchObject({ code: 'not_found' });
    expect((await good).embedding.tokens).toBe(2);
  });

  it('does not find what another precision or model has made', async () => {
    const { engine, media } = counting('fp32');
    const switching = { ...engine };
    const embedder = embedderOf(switching);
    await embedder.embed(await jobOf('cat'), peers, never);
    Object.assign(switching, { scope: 'int8' });
    // The profile engine's own key does not change with the scope: a real one's does.
    expect(
      embedder.cache.find({ digest: 'x', modality: 'image', scope: 'int8' }, 2),
    ).toBeUndefined();
    await embedder.embed(await jobOf('cat'), peers, never);
    expect(media).toEqual([1, 1]);
  });

  it('keeps what waited through a switch of precision under that of the engine that made it', async () => {
    const variant = { model: 'a', precision: 'fp32', threads: 1 };
    const switchable = await switchableEncodeEngine(variant, async ({ precision }) => ({
      ...counting(precision).engine,
      failed: new Promise<Fault>(() => undefined),
    }));
    const asked = deferred<undefined>();
    const gate = deferred<undefined>();
    const embedder = embedderOf({
      ...{ batchMax: 1, close: () => switchable.close() },
      get scope() {
        return switchable.scope;
      },
      encode: async (...given) => {
        asked.resolve(undefined);
        await gate.promise;
        return switchable.encode(...given);
      },
    });
    const job = await jobOf('cat');
    const embedded = embedder.embed(job, peers, never);
    await asked.promise;
    await switchable.switchTo({ precision: 'int8' });
    gate.resolve(undefined);
    await embedded;
    const found = (scope: string) =>
      embedder.cache.find({ modality: 'image', digest: job.media?.digest ?? '', scope }, 2);
    expect(found('fp32')).toBeUndefined();
    expect(found('int8')).toBe((await embedded).embedding);
  });

  it('finds nothing after a restart, and without room for anything', async () => {
    const { engine, media } = counting();
    for (const cacheBytesMax of [1000, 0, 0]) {
      const embedder = embedderOf(engine, cacheBytesMax);
      await embedder.embed(await jobOf('cat'), peers, never);
    }
    const none = embedderOf(engine, 0);
    await none.embed(await jobOf('cat'), peers, never);
    await none.embed(await jobOf('cat'), peers, never);
    expect(media).toEqual([1, 1, 1, 1, 1]);
  });

  it('refuses a medium that is not what its digest says', async () => {
    const { engine } = counting();
    const job = await jobOf('cat');
    const media = job.media === null ? null : { ...job.media, digest: 'f'.repeat(64) };
    const embedding = embedderOf(engine).embed({ ...job, media }, peers, never);
    await expect(embedding).rejects.toMatchObject({ code: 'internal' });
  });

  it('never holds more bytes than it may, under random load with leases and clients that leave', async () => {
    const { engine } = counting();
    // Three embeddings of 16 bytes.
    const embedder = embedderOf(engine, 50);
    const random = seededRandom(11);
    const leases: (() => void)[] = [];
    const ask = async (): Promise<void> => {
      const leaver = new AbortController();
      const job = await jobOf(`medium ${Math.floor(random() * 10)}`);
      const asked = embedder.embed(job, peers, leaver.signal);
      if (random() < 0.3) leaver.abort(new Error('left'));
      const { embedding } = await asked;
      leases.push(embedder.cache.pin(embedding.contentKey));
      const { bytes, entries } = embedder.cache.status();
      expect(bytes).toBeLessThanOrEqual(50);
      expect(bytes).toBe(Number(entries) * 16);
      if (random() < 0.7) leases.splice(Math.floor(random() * leases.length), 1)[0]?.();
    };
    for (let round = 0; round < 30; round++) {
      const outcomes = await Promise.allSettled(Array.from({ length: 6 }, ask));
      for (const outcome of outcomes) {
        if (outcome.status === 'rejected') expect(outcome.reason).toEqual(new Error('left'));
      }
    }
    for (const release of leases) release();
    const { hits, misses, evictions } = embedder.cache.status();
    expect([hits, misses, evictions].every((count) => Number(count) > 5)).toBe(true);
  });
});
