import { describe, expect, it } from '@jest/globals';
import { type Stage, stages } from '@isotherm/kernel';
import fc from 'fast-check';
import type { Headroom } from './headroom.ts';
import { type Level, levels } from './level.ts';
import { stageBlindHeadroom, stageHeadroom, stageHeadroomDefaults } from './stage-headroom.ts';

const headroomOf = (
  powerShare: number,
  coreShare: number,
  memoryShare: number,
  level: Level = 'server',
): Headroom => ({
  ...{ powerShare, coreShare, memoryShare },
  ...{ binding: { level, id: 'one' }, conservative: false },
});

describe('the headroom of a stage', () => {
  it.each<[string, Headroom, Stage, number]>([
    ['power binds every stage', headroomOf(0.1, 1, 1), 'decode', 0.1],
    ['a hot core stops prefill', headroomOf(1, 0.2, 1), 'prefill', 0.2],
    ['and encode', headroomOf(1, 0.2, 1), 'encode', 0.2],
    ['decode minds it half as much', headroomOf(1, 0.2, 1), 'decode', 0.4],
    ['hot memory stops decode', headroomOf(1, 1, 0.2), 'decode', 0.2],
    ['prefill minds it half as much', headroomOf(1, 1, 0.2), 'prefill', 0.4],
    ['a whole model minds both', headroomOf(1, 0.6, 0.2), 'whole', 0.2],
    ['a core at its limit stops decode too', headroomOf(1, 0, 1), 'decode', 0],
    ['what is no number leaves nothing', headroomOf(NaN, 1, 1), 'decode', 0],
  ])('%s', (_, headroom, stage, expected) => {
    expect(stageHeadroom(headroom, stage)).toBeCloseTo(expected, 9);
  });

  it('keeps a reserve at the levels that many share', () => {
    expect(stageHeadroom(headroomOf(0.05, 1, 1, 'row'), 'decode')).toBe(0);
    expect(stageHeadroom(headroomOf(0.05, 1, 1, 'server'), 'decode')).toBe(0.05);
    expect(stageHeadroom(headroomOf(1, 1, 1, 'ups'), 'decode')).toBe(1);
  });

  it('does not divide by the heat that a stage does not make', () => {
    const cold = { ...stageHeadroomDefaults.heat, decode: { core: 0, memory: 0 } };
    const settings = { ...stageHeadroomDefaults, heat: cold };
    expect(stageHeadroom(headroomOf(1, 0.1, 0), 'decode', settings)).toBe(0);
    expect(stageHeadroom(headroomOf(1, 0.1, 0.1), 'decode', settings)).toBe(1);
  });

  it('is finite, in [0, 1], never more than the power, and rises with each share (property)', () => {
    const share = fc.double({ min: -1, max: 2, noNaN: false });
    const given = fc.tuple(share, share, share, fc.constantFrom(...levels));
    fc.assert(
      fc.property(given, fc.constantFrom(...stages), fc.nat(2), (shares, stage, risen) => {
        const headroom = headroomOf(...shares);
        const value = stageHeadroom(headroom, stage);
        const more = [...shares] as typeof shares;
        more[risen] = (more[risen] as number) + 0.1;
        const rises =
          Number.isNaN(shares[risen]) || stageHeadroom(headroomOf(...more), stage) >= value;
        const bounded = value >= 0 && value <= Math.max(0, Math.min(1, shares[0] || 0));
        return Number.isFinite(value) && bounded && rises;
      }),
    );
  });
});

describe('headroom for who does not know stages', () => {
  it('is the same whatever the stage', () => {
    const [one, other] = (['decode', 'prefill'] as const).map((stage) =>
      stageHeadroom(headroomOf(1, 0.2, 0.4), stage, stageBlindHeadroom),
    );
    expect([one, other]).toEqual([0.2, 0.2]);
  });
});
