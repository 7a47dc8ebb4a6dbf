import { describe, expect, it } from '@jest/globals';
import { exampleLevel, exampleParent } from './example-room.ts';
import { indexLevels, sharesAbove } from './level-index.ts';

const above = (...levels: Parameters<typeof indexLevels>[0]) =>
  Object.fromEntries(sharesAbove(indexLevels(levels), { level: 'server', id: 's' }));
const parents = (...keys: readonly string[]) => ({
  parents: keys.map((key) => exampleParent(key)),
});

describe('the levels above one', () => {
  it('are all on the way, each once', () => {
    const chain = [
      exampleLevel('server', 's', parents('rack:k')),
      exampleLevel('rack', 'k', parents('row:r')),
      exampleLevel('row', 'r', parents('ups:u', 'aisle:a')),
      ...[exampleLevel('ups', 'u'), exampleLevel('aisle', 'a'), exampleLevel('row', 'other')],
    ];
    expect(above(...chain)).toEqual({
      ...{ 'server:s': 1, 'rack:k': 1, 'row:r': 1, 'ups:u': 1, 'aisle:a': 1 },
    });
  });

  it('feel the share that comes by way of them', () => {
    const split = ['ups:u', 'ups:v'].map((key) => exampleParent(key, 0.5));
    const row = exampleLevel('row', 'r', { parents: split });
    const server = exampleLevel('server', 's', parents('row:r', 'ups:v'));
    expect(above(server, row, exampleLevel('ups', 'u'), exampleLevel('ups', 'v'))).toEqual({
      ...{ 'server:s': 1, 'row:r': 1, 'ups:u': 0.5, 'ups:v': 1 },
    });
  });

  it('leave out what nobody knows, and a cycle ends', () => {
    expect(above()).toEqual({});
    expect(above(exampleLevel('server', 's', parents('rack:none')))).toEqual({ 'server:s': 1 });
    const cycle = exampleLevel('rack', 'k', parents('server:s'));
    expect(above(exampleLevel('server', 's', parents('rack:k')), cycle)).toEqual({
      ...{ 'server:s': 1, 'rack:k': 1 },
    });
  });
});
