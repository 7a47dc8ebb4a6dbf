import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type DecodeEngine, type DecodeStart, profileDecodeEngine } from '@isotherm/engine';
import { requestId } from '@isotherm/kernel';
import type { DecodeJob } from '@isotherm/proto';
import {
  createLeaseStore,
  createNeighbours,
  createPeers,
  type LeaseStore,
  type Peers,
  type RunningServer,
  startServer,
  transferService,
} from '@isotherm/rpc';
import { decodeStage } from './decode-stage.ts';

const jobs = 40;
const cacheBytes = 4096;
/** Five caches. */
const kvWaitingBytesMax = 5 * cacheBytes;
const slots = 2;

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

/** A job whose KV cache a prefill instance keeps until it is pulled. */
const jobOf = (id: number, pulled: () => void): DecodeJob => {
  const data = new Int32Array(cacheBytes / 4).fill(id);
  const tensor = { name: 'past_key_values.0.key', dataType: 'int32', shape: [1, 1024, 1] } as const;
  const leaseId = store.put(
    { tensors: [{ ...tensor, data }], attributes: {} },
    { request: requestId('r'), expiresMs: Date.now() + 60_000, ended: pulled },
  );
  const { address } = server;
  return {
    ...{ jobId: `job ${id}`, requestId: 'r', routerId: 'router', model: 'profile' },
    kvCache: { leaseId, address, ownerId: 'prefill', bytes: cacheBytes, digest: '', tokens: 4 },
    ...{ token: 1, tokenIndex: 0, tokensMax: 8, preemptions: 0 },
    sampling: {
      ...{ temperature: 0, topP: 1, seed: 0, topK: 0, minP: 0, repetitionPenalty: 1 },
      ...{ presencePenalty: 0, frequencyPenalty: 0, logitBias: {} },
    },
    ...{ deadlineMs: Date.now() + 60_000, enqueuedMs: Date.now() },
  };
};

/** Makes contexts of jobs, each with a signal of its own. */
const contextOf =
  (controllers: AbortController[] = []) =>
  () => {
    const controller = new AbortController();
    controllers.push(controller);
    const { signal } = controller;
    const own = { store, peers, signal, address: '', instanceId: 'decode', laneWaitMs: 0 };
    return { ...own, watches: () => true, emit: () => undefined };
  };

describe('the decode stage', () => {
  it('has no more KV caches waiting for a slot than it may, however many sequences there are', async () => {
    const counts = { pulled: 0, joined: 0, waitingMost: 0, bytesMost: 0 };
    const inner = profileDecodeEngine({ slots });
    const engine: DecodeEngine = {
      ...inner,
      join: async (...given) => {
        await inner.join(...given);
        counts.joined += 1;
      },
    };
    const options = { model: 'profile', payloadBytesMax: 1 << 20, kvWaitingBytesMax };
    const stage = decodeStage({ engine, ...options });
    const pulled = (): void => {
      counts.pulled += 1;
      counts.waitingMost = Math.max(counts.waitingMost, counts.pulled - counts.joined);
      counts.bytesMost = Math.max(counts.bytesMost, Number(stage.load?.().kvWaitingBytes));
    };
    const context = contextOf();
    const all = Array.from({ length: jobs }, (_, id) => stage.run(jobOf(id, pulled), context()));
    expect(stage.load?.()).toMatchObject({ waiting: jobs - 5, kvWaitingBytes: kvWaitingBytesMax });
    await Promise.all(all);
    expect(counts).toMatchObject({ pulled: jobs, joined: jobs, bytesMost: kvWaitingBytesMax });
    expect(counts.waitingMost).toBeLessThanOrEqual(5);
    expect(stage.load?.()).toMatchObject({ waiting: 0, kvBytes: 0, kvWaitingBytes: 0 });
    await stage.closeEngine();
  });

  it('gives the room back when a sequence is cancelled or its cache is gone', async () => {
    const stage = decodeStage({
      ...{ engine: profileDecodeEngine({ slots }), model: 'profile', payloadBytesMax: 1 << 20 },
      kvWaitingBytesMax,
    });
    const controllers: AbortController[] = [];
    const context = contextOf(controllers);
    const gone = jobOf(0, () => undefined);
    store.release([gone.kvCache?.leaseId ?? '']);
    await expect(stage.run(gone, context())).rejects.toMatchObject({ code: 'not_found' });
    expect(stage.load?.()).toMatchObject({ waiting: 0, kvWaitingBytes: 0 });
    const left = Promise.allSettled(
      Array.from({ length: jobs }, (_, id) =>
        stage.run(
          jobOf(id, () => undefined),
          context(),
        ),
      ),
    );
    for (const controller of controllers) controller.abort(new Error('left'));
    expect((await left).every(({ status }) => status === 'rejected')).toBe(true);
    expect(stage.load?.()).toMatchObject({ waiting: 0, kvWaitingBytes: 0 });
    await stage.closeEngine();
  });

  it.each([
    { from: 'another process', given: true },
    { from: 'a neighbour, who may still use it,', given: false },
  ])('gives the engine a KV cache of $from for good: $given', async ({ given }) => {
    const neighbours = createNeighbours();
    if (!given) neighbours.add(server.address, store);
    const inner = profileDecodeEngine({ slots });
    const starts: DecodeStart[] = [];
    const engine: DecodeEngine = {
      ...inner,
      join: (sequence, start) => {
        starts.push(start);
        return inner.join(sequence, start);
      },
    };
    const stage = decodeStage({ engine, model: 'profile', payloadBytesMax: 1 << 20 });
    const own = createPeers(neighbours);
    await stage.run(
      jobOf(1, () => undefined),
      { ...contextOf()(), peers: own },
    );
    expect(starts).toEqual([expect.objectContaining({ kvCacheGiven: given })]);
    own.close();
    await stage.closeEngine();
  });
});
