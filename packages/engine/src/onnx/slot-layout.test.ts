import { describe, expect, it } from '@jest/globals';
import { batchTokens, longestWithin, roomTokens } from './slot-layout.ts';

describe('the room of slots', () => {
  it('holds what it is for, in few steps, and wastes at most a quarter beyond a block', () => {
    const rooms = new Set<number>();
    for (let tokens = 0; tokens <= 5000; tokens++) {
      const room = roomTokens(tokens);
      rooms.add(room);
      expect(room).toBeGreaterThanOrEqual(tokens);
      expect(room).toBeLessThanOrEqual(Math.max(tokens + 32, tokens * 1.25));
      expect(roomTokens(room)).toBe(room);
    }
    expect(rooms.size).toBeLessThan(30);
  });

  it.each([31, 32, 100, 256, 300, 1024, 5000])('knows the longest within %d tokens', (limit) => {
    const longest = longestWithin(limit);
    expect(longest === 0 ? 0 : roomTokens(longest)).toBeLessThanOrEqual(limit);
    expect(roomTokens(longest + 1)).toBeGreaterThan(limit);
  });

  it('of a batch is that of its longest sequence, as often as there are sequences', () => {
    expect([batchTokens([]), batchTokens([1]), batchTokens([10, 33, 5])]).toEqual([0, 32, 192]);
  });
});
