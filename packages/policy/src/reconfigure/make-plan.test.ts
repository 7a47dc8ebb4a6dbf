import { describe, expect, it } from '@jest/globals';
import { exampleSetting } from './example-draft.ts';
import { exampleAdjustable, exampleOpaque, examplePlanRoom } from './example-plan.ts';
import { makePlan } from './make-plan.ts';
import { planDefaults } from './plan-reconfiguration.ts';
import { tiers } from './tier.ts';

const rules = {
  tiers: new Set(tiers),
  freesOpaque: false,
  lastReason: 'last',
  lastResort: () => undefined,
};

describe('a plan', () => {
  it('takes first and gives back after, the cheapest change first, opaque ones last', () => {
    const room = examplePlanRoom(
      [
        exampleAdjustable('free', 'far', { current: exampleSetting(2) }),
        exampleAdjustable('busy', 's', { load: 99 }),
        ...[exampleAdjustable('idle', 's'), exampleOpaque('o', 's')],
      ],
      { 'row:r': { limitW: 800 }, 'server:far': { parents: [] } },
    );
    const plan = makePlan(room, planDefaults, {
      ...rules,
      lastResort: ({ opaque }) => {
        for (const each of opaque) each.powerW -= 10;
      },
    });
    expect(plan.actions.map(({ instance, reason }) => `${instance} ${reason}`)).toEqual([
      ...['idle row:r cheap', 'busy row:r reload', 'free recovery', 'o last'],
    ]);
    expect(plan.actions.at(-1)?.effect).toMatchObject({ powerW: -10, coreK: -1, memoryK: -0.5 });
  });

  it('says how many instances would serve what has no capacity', () => {
    const room = examplePlanRoom([exampleAdjustable('a', 's', { load: 320 })]);
    expect(makePlan(room, planDefaults, rules).needsReplicas).toEqual([
      { stage: 'decode', model: 'panel', lackLoad: 220, replicas: 3 },
    ]);
  });
});
