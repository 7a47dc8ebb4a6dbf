import { describe, expect, it } from '@jest/globals';
import { conservativeHeadroom } from '../../headroom/headroom.ts';
import { exampleInstance, exampleRequest } from '../example-instance.ts';
import { hasHeadroomFilter } from './has-headroom.ts';

describe('has-headroom', () => {
  const cool = conservativeHeadroom(1);
  it.each([
    { name: 'keeps what has enough', headroom: conservativeHeadroom(0.1), kept: true },
    { name: 'drops what has less', headroom: conservativeHeadroom(0.09), kept: false },
    { name: 'drops decode from hot memory', headroom: { ...cool, memoryShare: 0.06 }, kept: false },
    { name: 'keeps decode on a warm core', headroom: { ...cool, coreShare: 0.06 }, kept: true },
    { name: 'keeps what nobody knows', headroom: undefined, kept: true },
  ])('$name', ({ headroom, kept }) => {
    const instance = exampleInstance('one', headroom && { headroom });
    expect(hasHeadroomFilter(0.1).keeps(instance, exampleRequest(), 0)).toBe(kept);
  });

  const at = (powerShare: number, level: 'row' | 'server') =>
    exampleInstance('one', { headroom: { ...cool, powerShare, binding: { level, id: 'one' } } });

  it.each(['prefill', 'decode'] as const)(
    'leaves a row that is half used out for a quarter of %s',
    (stage) => {
      const keeps = (powerShare: number, draw: number): boolean =>
        hasHeadroomFilter().keeps(at(powerShare, 'row'), exampleRequest({ stage }), draw);
      // A twentieth of a row is left alone: 0.525 leaves a half of the rest.
      expect([0, 0.24, 0.26, 1].map((draw) => keeps(0.525, draw))).toEqual([
        false,
        false,
        true,
        true,
      ]);
      expect([0, 1].map((draw) => keeps(1, draw))).toEqual([true, true]);
      expect([0.49, 0.5].map((draw) => keeps(0.05, draw))).toEqual([false, true]);
    },
  );

  it('does not draw for what only one server is short of', () => {
    const keeps = (powerShare: number): boolean =>
      hasHeadroomFilter(0.1).keeps(at(powerShare, 'server'), exampleRequest(), 1);
    expect([keeps(0.11), keeps(0.09)]).toEqual([true, false]);
  });
});
