import { describe, expect, it } from '@jest/globals';
import { createSlotTable } from './slot-table.ts';

const tableOf = (count: number) => {
  const table = createSlotTable<{ readonly name: number }>();
  for (let name = 0; name < count; name++) table.take({ name });
  const names = () => table.slots.map((member) => member?.name);
  const moves: (readonly [number, number])[] = [];
  const compact = () => table.compact((from, to) => moves.push([from, to]));
  return { table, names, moves, compact };
};

describe('a slot table', () => {
  it('gives a freed slot to the next that comes: nobody moves', () => {
    const { table, names, moves, compact } = tableOf(4);
    table.free(1);
    expect(table.take({ name: 9 })).toBe(1);
    compact();
    expect(names()).toEqual([0, 9, 2, 3]);
    expect(moves).toEqual([]);
  });

  it('closes holes with the last members, as few as there are holes before them', () => {
    const { table, names, moves, compact } = tableOf(6);
    for (const slot of [0, 2, 4]) table.free(slot);
    compact();
    expect(names()).toEqual([5, 1, 3]);
    expect(moves).toEqual([
      [5, 0],
      [3, 2],
    ]);
  });

  it('moves nobody when the last ones leave', () => {
    const { table, names, moves, compact } = tableOf(3);
    table.free(1);
    table.free(2);
    compact();
    expect([names(), moves, table.size]).toEqual([[0], [], 1]);
  });

  it('finds members by what they are', () => {
    const { table } = tableOf(3);
    table.free(0);
    expect(table.find(({ name }) => name === 2)).toBe(2);
    expect(table.find(({ name }) => name === 0)).toBeUndefined();
  });
});
