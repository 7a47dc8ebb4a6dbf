import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { agedHeadroom } from './aged-headroom.ts';
import { conservativeHeadroom, type Headroom } from './headroom.ts';

const aging = { headroomFreshMs: 1000, headroomForgetMs: 9000, headroomConservativeShare: 0.3 };
const said: Headroom = {
  ...{ powerShare: 0.1, coreShare: 0.8, memoryShare: 0.3 },
  ...{ binding: { level: 'row', id: 'r1' }, conservative: false },
};

describe('aged headroom', () => {
  it.each([
    ['holds while it is fresh', 1000, said],
    [
      'is then no better than what is assumed, and says so',
      1001,
      { ...said, coreShare: 0.3, conservative: true },
    ],
    ['is forgotten in the end', 9001, conservativeHeadroom(0.3)],
    ['is forgotten where nobody knows how old it is', NaN, conservativeHeadroom(0.3)],
  ])('%s', (_, ageMs, expected) => {
    expect(agedHeadroom(said, ageMs, aging)).toEqual(expected);
  });

  it('is the very same object while fresh: this runs for each instance and decision', () => {
    expect(agedHeadroom(said, 0, aging)).toBe(said);
  });

  it('is never better than what was said or assumed (property)', () => {
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(fc.tuple(share, share, share), fc.nat(20_000), ([power, core, memory], ageMs) => {
        const given = { ...said, powerShare: power, coreShare: core, memoryShare: memory };
        const aged = agedHeadroom(given, ageMs, aging);
        const pairs = [
          [aged.powerShare, power],
          [aged.coreShare, core],
          [aged.memoryShare, memory],
        ] as const;
        return pairs.every(([now, before]) => now <= Math.max(before, 0.3));
      }),
    );
  });
});
