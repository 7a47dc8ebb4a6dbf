import { describe, expect, it } from '@jest/globals';
import { levelKey, levels } from './level.ts';

describe('a level', () => {
  it('has a key that no other level with the same id has', () => {
    expect(new Set(levels.map((level) => levelKey({ level, id: 'a' }))).size).toBe(levels.length);
    expect(levelKey({ level: 'row', id: 'r1' })).toBe('row:r1');
  });
});
