import { describe, expect, it } from '@jest/globals';
import { createKvMemory } from './kv-memory.ts';

const memoryOf = (bytesMax?: number, mediaBytesPerToken = 0) =>
  createKvMemory({
    slots: 4,
    contextMax: 1000,
    bytesPerToken: 10,
    mediaBytesPerToken,
    bytesMax,
  });
const own = (...tokens: readonly number[]) =>
  tokens.map((count) => ({ tokens: count, mediaTokens: 0 }));

describe('KV memory', () => {
  it('without a bound holds full slots', () => {
    const { bytesMax, bytesOf, contextMax } = memoryOf();
    expect([bytesMax, contextMax]).toEqual([4 * 1024 * 10, 1000]);
    expect(bytesOf(own(1000, 1000, 1000, 1000))).toBe(bytesMax);
  });

  it('counts every row as long as the longest needs, and what it sees of media likewise', () => {
    const { bytesOf } = memoryOf(1e6, 3);
    expect(bytesOf([])).toBe(0);
    expect(bytesOf(own(1, 33))).toBe(2 * 64 * 10);
    expect(
      bytesOf([
        { tokens: 1, mediaTokens: 5 },
        { tokens: 33, mediaTokens: 36 },
      ]),
    ).toBe(2 * 64 * 10 + 2 * 36 * 3);
  });

  it('bounds the context by what one sequence can have', () => {
    const { contextMax, bytesOf, bytesMax } = memoryOf(1300);
    expect(contextMax).toBe(128);
    expect(bytesOf(own(contextMax))).toBeLessThanOrEqual(bytesMax);
    expect(memoryOf(10).contextMax).toBe(0);
  });
});
