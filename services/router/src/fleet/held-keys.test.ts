import { describe, expect, it } from '@jest/globals';
import { createHeldKeys } from './held-keys.ts';

const change = (
  added: readonly string[],
  removed: readonly string[] = [],
  reset = false,
): Parameters<ReturnType<typeof createHeldKeys>['apply']>[0] => ({
  reset,
  added: [...added],
  removed: [...removed],
  blockTokens: 16,
});

describe('held keys', () => {
  it('follow what an instance says of its cache', () => {
    const held = createHeldKeys(10);
    held.apply(change(['a', 'b'], [], true));
    held.apply(change(['c'], ['a']));
    expect([...held.keys]).toEqual(['b', 'c']);
    expect(held.blockTokens).toBe(16);
    held.apply(change(['x'], [], true));
    expect([...held.keys]).toEqual(['x']);
    held.forget('x');
    expect(held.keys.size).toBe(0);
  });

  it('keep the newest of a bounded number', () => {
    const held = createHeldKeys(3);
    held.apply(change(['a', 'b', 'c']));
    held.apply(change(['a', 'd']));
    expect([...held.keys]).toEqual(['c', 'a', 'd']);
  });

  it('are forgotten at once when the stream breaks', () => {
    const held = createHeldKeys(3);
    held.apply(change(['a']));
    held.clear();
    expect(held.keys.size).toBe(0);
  });
});
