import { afterAll, describe, expect, it } from '@jest/globals';
import { requestId } from '@isotherm/kernel';
import { createPeers } from '../peers.ts';
import { createLeaseStore } from './lease-store.ts';
import { createNeighbours } from './neighbours.ts';
import { bytesPayload } from './payload.ts';
import { pull } from './pull.ts';

// Nobody listens here: whatever went over the network would fail.
const address = '127.0.0.1:1';
const store = createLeaseStore({ bytesMax: 1000 });
const neighbours = createNeighbours();
const peers = createPeers(neighbours);
const leave = neighbours.add(address, store);
const terms = { request: requestId('request'), expiresMs: Date.now() + 60_000 };
const options = { deadlineMs: Date.now() + 10_000 };

afterAll(() => {
  peers.close();
  store.close();
});

describe('a pull from a neighbour', () => {
  it('gives the very payload, and ends its lease when asked to', async () => {
    const payload = bytesPayload(new Uint8Array(10));
    const leaseId = store.put(payload, terms);
    expect(await pull(peers, { address, leaseId }, options)).toBe(payload);
    expect(store.count).toBe(1);
    await pull(peers, { address, leaseId }, { ...options, releaseAfter: true });
    expect(store.count).toBe(0);
    await expect(pull(peers, { address, leaseId }, options)).rejects.toMatchObject({
      code: 'not_found',
    });
  });

  it('keeps to bound and signal as over the network', async () => {
    const leaseId = store.put(bytesPayload(new Uint8Array(100)), terms);
    const handle = { address, leaseId };
    await expect(pull(peers, handle, { ...options, bytesMax: 99 })).rejects.toMatchObject({
      code: 'internal',
    });
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(pull(peers, handle, { ...options, signal })).rejects.toThrow('enough');
    store.release([leaseId]);
  });

  it('goes over the network once the neighbour has left', async () => {
    const leaseId = store.put(bytesPayload(new Uint8Array(1)), terms);
    leave();
    await expect(pull(peers, { address, leaseId }, options)).rejects.toMatchObject({
      code: 'unavailable',
    });
  });
});
