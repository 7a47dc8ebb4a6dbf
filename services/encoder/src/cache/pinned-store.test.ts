import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createPinnedStore } from './pinned-store.ts';

describe('a pinned store', () => {
  it('drops what was not used for longest', () => {
    const evicted: string[] = [];
    const store = createPinnedStore<number>({ bytesMax: 30, evicted: (key) => evicted.push(key) });
    for (const [key, value] of ['a', 'b', 'c'].entries()) store.put(value, key, 10);
    store.get('a');
    store.put('d', 4, 15);
    expect(evicted).toEqual(['b', 'c']);
    expect(store.keys()).toEqual(['a', 'd']);
    expect([store.entries, store.bytes, store.evictions]).toEqual([2, 25, 2]);
  });

  it('keeps what is in use, and refuses what does not fit beside it without dropping anything', () => {
    const store = createPinnedStore<string>({ bytesMax: 30 });
    store.put('used', 'u', 20);
    store.put('idle', 'i', 10);
    const unpin = store.pin('used');
    const again = store.pin('used');
    expect(store.put('large', 'l', 11)).toBe(false);
    expect(store.keys()).toEqual(['idle', 'used']);
    expect(store.put('small', 's', 10)).toBe(true);
    expect([store.get('idle'), store.get('used')]).toEqual([undefined, 'u']);
    unpin?.();
    unpin?.();
    expect(store.put('large', 'l', 11)).toBe(false);
    again?.();
    expect(store.put('large', 'l', 11)).toBe(true);
    expect(store.get('used')).toBeUndefined();
    expect(store.pin('used')).toBeUndefined();
  });

  it('never holds more bytes than it may, whatever is pinned (property)', () => {
    const key = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h');
    const step = fc.oneof(
      fc.record({ kind: fc.constant('put' as const), key, bytes: fc.nat(40) }),
      fc.record({ kind: fc.constant('pin' as const), key, bytes: fc.constant(0) }),
      fc.record({ kind: fc.constant('unpin' as const), key, bytes: fc.nat(20) }),
      fc.record({ kind: fc.constant('get' as const), key, bytes: fc.constant(0) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), fc.nat(100), (steps, bytesMax) => {
        const sizes = new Map<string, number>();
        const store = createPinnedStore<string>({
          bytesMax,
          evicted: (gone) => sizes.delete(gone),
        });
        const pins: { readonly key: string; unpin(): void }[] = [];
        for (const each of steps) {
          if (each.kind === 'put' && !sizes.has(each.key)) {
            if (store.put(each.key, each.key, each.bytes)) sizes.set(each.key, each.bytes);
          } else if (each.kind === 'pin') {
            const unpin = store.pin(each.key);
            if (unpin !== undefined) pins.push({ key: each.key, unpin });
          } else if (each.kind === 'unpin') {
            for (const { unpin } of pins.splice(each.bytes % Math.max(1, pins.length), 1)) unpin();
          }
          const total = [...sizes.values()].reduce((sum, bytes) => sum + bytes, 0);
          expect([store.bytes, store.entries]).toEqual([total, sizes.size]);
          expect(total).toBeLessThanOrEqual(bytesMax);
          for (const { key: pinned } of pins) expect(store.get(pinned)).toBe(pinned);
          expect(store.get(each.key)).toBe(sizes.has(each.key) ? each.key : undefined);
        }
      }),
    );
  });
});
