import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { requestId } from '@isotherm/kernel';
import {
  createLeaseStore,
  createPeers,
  type LeaseStore,
  type Peers,
  type RunningServer,
  startServer,
  transferService,
} from '@isotherm/rpc';
import { silentLogger } from '@isotherm/runtime';
import { createReleaser } from './releaser.ts';

const times = { gatherMs: 1, callMsMax: 500, retryMs: 50, triesMax: 8 };

let store: LeaseStore;
let peers: Peers;
let server: RunningServer | undefined;

const serve = async (listen: string): Promise<string> => {
  const services = [transferService(store)];
  server = await startServer({ listen, advertiseHost: '127.0.0.1', reflection: false, services });
  return server.address;
};

beforeEach(() => {
  store = createLeaseStore({ bytesMax: 1 << 20 });
  peers = createPeers();
});
afterEach(async () => {
  peers.close();
  await server?.close(0);
  store.close();
});

const lease = (address: string) => {
  const terms = { request: requestId('r'), expiresMs: Date.now() + 60_000 };
  return { address, leaseId: store.put({ tensors: [], attributes: {} }, terms) };
};

const untilReleased = async (): Promise<void> => {
  const deadlineMs = performance.now() + 8000;
  while (store.count > 0 && performance.now() < deadlineMs) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  expect(store.count).toBe(0);
};

describe('a releaser', () => {
  it('ends leases at their owner, gathered into a call', async () => {
    const address = await serve('127.0.0.1:0');
    const releaser = createReleaser(peers, silentLogger(), times);
    for (let count = 0; count < 3; count++) releaser.release(lease(address));
    await releaser.flush();
    expect(store.count).toBe(0);
  });

  it('tries again when the owner cannot be reached for a moment', async () => {
    const address = await serve('127.0.0.1:0');
    await server?.close(0);
    const releaser = createReleaser(peers, silentLogger(), times);
    releaser.release(lease(address));
    await releaser.flush();
    expect(store.count).toBe(1);
    await serve(address);
    await untilReleased();
  });
});
