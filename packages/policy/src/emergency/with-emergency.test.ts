import { describe, expect, it } from '@jest/globals';
import { exampleLevel, exampleParent } from '../headroom/example-room.ts';
import { indexLevels, sharesAbove } from '../headroom/level-index.ts';
import type { PlanRoom } from '../reconfigure/contract.ts';
import { exampleGpuState } from '../reconfigure/example-plan.ts';
import type { Emergency } from './contract.ts';
import { withEmergency } from './with-emergency.ts';

const used = (usedW: number) => ({ usedW, predictedW: usedW, peakW: usedW });
const room: PlanRoom = {
  levels: [
    exampleLevel('server', 's', { parents: [exampleParent('row:r')] }),
    exampleLevel('row', 'r', { parents: ['ups:u', 'aisle:a'].map((key) => exampleParent(key)) }),
    ...['u', 'v', 'w', 'x'].map((id) => exampleLevel('ups', id, used(600))),
    ...['a', 'b'].map((id) => exampleLevel('aisle', id)),
  ],
  gpus: [exampleGpuState('s/0', 60, 50)],
  instances: [],
};
const limits = (emergency: Emergency) =>
  Object.fromEntries(
    withEmergency(room, emergency)
      .levels.filter(({ limitW }) => limitW !== 1000)
      .map(({ level, id, limitW }) => [`${level}:${id}`, limitW]),
  );

describe('a room in an emergency', () => {
  it.each<[Emergency, Readonly<Record<string, number>>]>([
    [{ kind: 'cooling', aisle: 'a', share: 0.9 }, { 'aisle:a': 900 }],
    [{ kind: 'ahu', aisle: 'b', share: 0.5 }, { 'aisle:b': 500 }],
    [
      { kind: 'power', share: 0.75 },
      { 'row:r': 750, 'ups:u': 750, 'ups:v': 750, 'ups:w': 750, 'ups:x': 750 },
    ],
    [{ kind: 'power', share: 0.75, at: 'row:r' }, { 'row:r': 750 }],
    [{ kind: 'heat-wave', riseK: 5 }, {}],
    [{ kind: 'cooling', aisle: 'stranger', share: 0 }, {}],
  ])('%j lowers limits', (emergency, expected) => {
    expect(limits(emergency)).toEqual(expected);
  });

  it('is warmer by a heat wave, and remembers how warm it is now', () => {
    const [gpu] = withEmergency(room, { kind: 'heat-wave', riseK: 5 }).gpus;
    expect(gpu).toMatchObject({
      core: { nowC: 60, predictedC: 65 },
      memory: { nowC: 50, predictedC: 55 },
    });
  });

  it('has the others carry what a lost UPS fed, and feel whom it fed', () => {
    const { levels } = withEmergency(room, { kind: 'ups', ups: 'u' });
    expect(levels.filter(({ level }) => level === 'ups')).toMatchObject(
      ['v', 'w', 'x'].map((id) => ({ id, ...used(800), limitW: 1000 })),
    );
    const shares = Object.fromEntries(
      sharesAbove(indexLevels(levels), { level: 'server', id: 's' }),
    );
    const third = expect.closeTo(1 / 3, 9);
    expect(shares).toMatchObject({ 'ups:v': third, 'ups:w': third, 'ups:x': third, 'aisle:a': 1 });
    expect(shares).not.toHaveProperty('ups:u');
  });

  it('stays as it is where there is no other UPS, or not that one', () => {
    const alone = {
      ...room,
      levels: room.levels.filter(({ id }) => !['v', 'w', 'x'].includes(id)),
    };
    expect(withEmergency(alone, { kind: 'ups', ups: 'u' }).levels).toEqual(alone.levels);
    expect(withEmergency(room, { kind: 'ups', ups: 'stranger' })).toEqual(room);
  });
});
