import { describe, expect, it } from '@jest/globals';
import type { OpaqueInstance, PlanRoom, PlanSettings } from './contract.ts';
import { exampleDraft, exampleSetting } from './example-draft.ts';
import { exampleAdjustable, exampleKeys, exampleOpaque } from './example-plan.ts';
import { improve, perWatt } from './improve.ts';

/** The row is at 900 W; gives back up to a share of its limit of 925 W. */
const given = (
  instances: PlanRoom['instances'],
  roomW: number,
  rest: Partial<PlanSettings> = {},
) => {
  const draft = exampleDraft(instances, { releaseShare: (900 + roomW) / 925, ...rest });
  improve(draft);
  const ours = [...draft.adjustable.values()].filter(({ initial, posed }) => posed !== initial);
  const theirs = draft.opaque.filter(
    ({ instance, powerW }) => powerW !== Math.min(instance.demandW, instance.capW ?? Infinity),
  );
  return [
    ...ours.map(({ instance, posed }) => {
      const { configuration, capW, stopped } = posed.setting;
      return [instance.id, exampleKeys.indexOf(configuration), capW, stopped];
    }),
    ...theirs.map(({ instance, powerW }) => [instance.id, powerW]),
  ];
};
const ours = (id: string, at: number, capW?: number, stopped?: boolean, changedAgoS = 99) =>
  exampleAdjustable(id, 's', { current: exampleSetting(at, capW, stopped), changedAgoS });

describe('giving back', () => {
  it.each([
    [
      'the preferred configuration where there is room',
      ours('a', 2),
      60,
      ['a', 0, undefined, false],
    ],
    ['one on the way where there is not', ours('a', 2), 50, ['a', 1, undefined, false]],
    ['quality, by a reload', ours('a', 4), 0.1, undefined],
    ['work to who has none', ours('a', 0, undefined, true), 160, ['a', 0, undefined, false]],
    [
      'less than it had rather than nothing',
      ours('a', 0, undefined, true),
      70,
      ['a', 4, undefined, false],
    ],
    ['power to who is capped', ours('a', 0, 150), 100, ['a', 0, undefined, false]],
    ['nothing to who has all', ours('a', 0), 999, undefined],
    [
      'nothing to who was changed a short while ago',
      ours('a', 2, undefined, false, 59),
      999,
      undefined,
    ],
  ] as const)('gives %s', (_, instance, roomW, expected) => {
    expect(given([instance], roomW, { qualityLossMax: 0.2 })).toEqual(
      expected === undefined ? [] : [expected],
    );
  });

  it('gives in an emergency only what has room when all of it is used', () => {
    // At 192 W now; at most 300 at the next clock, and 400 at the full one.
    const restored = (roomW: number) => given([ours('a', 2)], roomW, { restoresFull: true });
    expect(restored(210)).toEqual([['a', 0, undefined, false]]);
    expect(restored(200)).toEqual([['a', 1, undefined, false]]);
    expect(restored(100)).toEqual([]);
  });

  it('gives to those first who lost the most, and to a few at a time', () => {
    const all = [ours('a', 2), ours('b', 0, 150), ours('c', 0, undefined, true)];
    const names = (releasesMax: number) => given(all, 999, { releasesMax }).map(([id]) => id);
    expect([names(1), names(2), names(0)]).toEqual([['c'], ['b', 'c'], []]);
  });

  it('gives to opaque ones before all others', () => {
    const capped: OpaqueInstance = exampleOpaque('o', 's', { capW: 300 });
    expect(given([ours('a', 2), capped], 120)).toEqual([['o', 400]]);
    expect(given([ours('a', 2), capped], 90)).toEqual([['a', 0, undefined, false]]);
    expect(given([exampleOpaque('o', 's', { capW: 300, changedAgoS: 1 })], 999)).toEqual([]);
  });

  it('knows what a watt of an opaque instance is', () => {
    const opaque = exampleOpaque('o', 's');
    expect((['powerW', 'coreK', 'memoryK'] as const).map((part) => perWatt(opaque, part))).toEqual([
      ...[1, 0.1, 0.05],
    ]);
  });
});
