import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { ColocationGroup } from './contract.ts';
import { packServers } from './pack-servers.ts';

const group = (size: number, instances: number): ColocationGroup => ({
  ...{ stages: ['encode'], entries: ['e'], size, instances, busyShares: [1] },
});

describe('instances in servers', () => {
  it('mixes kinds, as ModServe puts one of four GPUs beside two of two', () => {
    expect(packServers([group(2, 4), group(4, 2)], 8)).toEqual([
      [2, 1],
      [2, 1],
    ]);
  });

  it('gives what is larger than a server one of its own', () => {
    expect(packServers([group(16, 1), group(4, 1)], 8)).toEqual([
      [1, 0],
      [0, 1],
    ]);
  });

  it('keeps every server within its size and loses nobody (property)', () => {
    const some = fc.array(
      fc.record({ size: fc.constantFrom(1, 2, 4, 8), instances: fc.integer({ min: 0, max: 12 }) }),
      { minLength: 1, maxLength: 3 },
    );
    fc.assert(
      fc.property(some, (given) => {
        const groups = given.map(({ size, instances }) => group(size, instances));
        const servers = packServers(groups, 8);
        const fits = servers.every(
          (counts) => counts.reduce((sum, n, at) => sum + n * (groups[at]?.size ?? 0), 0) <= 8,
        );
        const all = groups.every(
          ({ instances }, at) =>
            servers.reduce((sum, counts) => sum + (counts[at] ?? 0), 0) === instances,
        );
        return fits && all;
      }),
    );
  });
});
