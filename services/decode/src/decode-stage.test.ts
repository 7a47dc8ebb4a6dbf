import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type DecodeStart, profileDecodeEngine } from '@isotherm/engine';
import { requestId } from '@isotherm/kernel';
import type { DecodeJob } from '@isotherm/proto';
import {
  bytesPayload,
  createLeaseStore,
  createNeighbours,
  createPeers,
  type RunningServer,
  startServer,
  transferService,
} from '@isotherm/rpc';
import { decodeStage } from './decode-stage.ts';

const deadlineMs = Date.now() + 60_000;
const store = createLeaseStore({ bytesMax: 1000 });
let server: RunningServer;
beforeAll(async () => {
  const listen = { listen: '127.0.0.1:0', advertiseHost: '127.0.0.1', reflection: false };
  server = await startServer({ ...listen, services: [transferService(store)] });
});
afterAll(async () => {
  await server.close(100);
  store.close();
});

/** The engine's end of a job whose KV cache is in `store`. */
const started = async (neighbours = createNeighbours()): Promise<DecodeStart | undefined> => {
  const engine = profileDecodeEngine();
  let given: DecodeStart | undefined;
  const join: typeof engine.join = (sequence, start) => {
    given = start;
    return engine.join(sequence, start);
  };
  const stage = decodeStage({ engine: { ...engine, join }, model: 'm', payloadBytesMax: 1000 });
  const peers = createPeers(neighbours);
  const terms = { request: requestId('request'), expiresMs: deadlineMs };
  const leaseId = store.put(bytesPayload(new Uint8Array(8)), terms);
  const kvCache = {
    leaseId,
    address: server.address,
    ownerId: 'p',
    bytes: 8,
    digest: '',
    tokens: 1,
  };
  const job: DecodeJob = {
    ...{ jobId: 'job', requestId: 'request', routerId: 'router', model: 'm', kvCache },
    ...{ token: 1, tokenIndex: 0, tokensMax: 1, preemptions: 0, enqueuedMs: 0, deadlineMs },
    sampling: {
      ...{ temperature: 0, topP: 1, seed: 0, topK: 0, minP: 0 },
      ...{ presencePenalty: 0, frequencyPenalty: 0, logitBias: {} },
    },
  };
  const signal = new AbortController().signal;
  const context = { store, peers, address: '', instanceId: 'd', watches: () => true };
  const more = { signal, laneWaitMs: 0, emit: () => undefined };
  await stage.run(job, { ...context, ...more });
  peers.close();
  await engine.close();
  return given;
};

describe('the KV cache of a decode job', () => {
  it('is given to the engine when it came from another process', async () => {
    expect(await started()).toMatchObject({ kvCacheGiven: true });
  });

  it('is not when it is the very payload of a neighbour', async () => {
    const neighbours = createNeighbours();
    neighbours.add(server.address, store);
    expect(await started(neighbours)).toMatchObject({ kvCacheGiven: false });
  });
});
