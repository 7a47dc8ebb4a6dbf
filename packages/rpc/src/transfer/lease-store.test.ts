import { describe, expect, it } from '@jest/globals';
import { manualClock, requestId } from '@isotherm/kernel';
import { createLeaseStore, type LeaseStore } from './lease-store.ts';
import { bytesPayload } from './payload.ts';

const request = requestId('request-1');

const storeOf = (bytesMax = 100): { store: LeaseStore; advance: (ms: number) => void } => {
  const clock = manualClock(1000);
  return { store: createLeaseStore({ bytesMax, clock }), advance: (ms) => clock.advance(ms) };
};

describe('a lease store', () => {
  it('keeps a payload until it is released, once', () => {
    const { store } = storeOf();
    const id = store.put(bytesPayload(new Uint8Array(10)), { request, expiresMs: 2000 });
    expect(store.get(id)?.tensors[0]?.data.byteLength).toBe(10);
    expect([store.count, store.bytes]).toEqual([1, 10]);
    expect([store.release([id]), store.release([id])]).toEqual([1, 0]);
    expect([store.get(id), store.count, store.bytes]).toEqual([undefined, 0, 0]);
    store.close();
  });

  it('names a lease as its caller wants, once', () => {
    const { store } = storeOf();
    const payload = bytesPayload(new Uint8Array(10));
    expect(store.put(payload, { id: 'mine', request, expiresMs: 2000 })).toBe('mine');
    expect(() => store.put(payload, { id: 'mine', request, expiresMs: 2000 })).toThrow(/already/);
    expect([store.release(['mine']), store.count, store.bytes]).toEqual([1, 0, 0]);
    store.close();
  });

  it('ends a lease by time, so that a dead peer cannot pin memory', () => {
    const { store, advance } = storeOf();
    const id = store.put(bytesPayload(new Uint8Array(10)), { request, expiresMs: 2000 });
    advance(999);
    expect(store.get(id)).toBeDefined();
    advance(1);
    expect(store.get(id)).toBeUndefined();
    expect(store.bytes).toBe(0);
    store.close();
  });

  it('ends all leases of a request and no others', () => {
    const { store } = storeOf();
    const terms = { expiresMs: 2000 };
    store.put(bytesPayload(new Uint8Array(1)), { request, ...terms });
    store.put(bytesPayload(new Uint8Array(2)), { request, ...terms });
    store.put(bytesPayload(new Uint8Array(4)), { request: requestId('request-2'), ...terms });
    expect(store.releaseRequest(request)).toBe(2);
    expect([store.count, store.bytes]).toEqual([1, 4]);
    store.close();
  });

  it('ends all leases of a holder, whatever the request', () => {
    const { store } = storeOf();
    const expiresMs = 2000;
    store.put(bytesPayload(new Uint8Array(1)), { request, holder: 'router-1', expiresMs });
    const other = requestId('request-2');
    store.put(bytesPayload(new Uint8Array(2)), { request: other, holder: 'router-1', expiresMs });
    store.put(bytesPayload(new Uint8Array(4)), { request: other, holder: 'router-2', expiresMs });
    expect(store.releaseHolder('router-1')).toBe(2);
    expect([store.count, store.bytes]).toEqual([1, 4]);
    store.close();
  });

  it('counts a payload under several leases once, and says when each of them ends', () => {
    const { store, advance } = storeOf(15);
    const shared = bytesPayload(new Uint8Array(10));
    const ends: string[] = [];
    const put = (name: string, expiresMs: number): string =>
      store.put(shared, { request: requestId(name), expiresMs, ended: () => ends.push(name) });
    const first = put('first', 9000);
    put('second', 2000);
    put('third', 9000);
    expect([store.count, store.bytes]).toEqual([3, 10]);
    store.release([first]);
    advance(1000);
    store.releaseRequest('second');
    expect([store.count, store.bytes, ends]).toEqual([1, 10, ['first', 'second']]);
    store.releaseRequest('third');
    expect([store.count, store.bytes, ends]).toEqual([0, 0, ['first', 'second', 'third']]);
    store.close();
  });

  it('refuses what does not fit, and makes room by expiry first', () => {
    const { store, advance } = storeOf(100);
    store.put(bytesPayload(new Uint8Array(60)), { request, expiresMs: 2000 });
    const more = (): string =>
      store.put(bytesPayload(new Uint8Array(60)), { request, expiresMs: 9000 });
    expect(more).toThrow(expect.objectContaining({ code: 'saturated' }));
    advance(1000);
    expect(more).not.toThrow();
    store.close();
  });
});
