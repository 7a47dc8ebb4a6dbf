import { describe, expect, it } from '@jest/globals';
import { actionsOf } from './actions.ts';
import { applyPose, pose } from './draft.ts';
import { drafted, exampleDraft, exampleSetting } from './example-draft.ts';
import { exampleAdjustable, exampleKeys, exampleProfiles } from './example-plan.ts';

type Setting = Parameters<typeof exampleSetting>;

const actions = (from: Setting, to: Setting) => {
  const instance = exampleAdjustable('a', 's', { current: exampleSetting(...from) });
  const draft = exampleDraft([instance]);
  const one = drafted(draft);
  const setting = exampleSetting(...to);
  const profile = exampleProfiles[to[0]] ?? one.posed.profile;
  applyPose(draft, one, pose(one, { key: setting.configuration, profile }, setting));
  const made = actionsOf(one, 'why');
  const total = made.reduce((sum, { effect }) => sum + effect.powerW, 0);
  expect(total).toBeCloseTo(one.posed.draw.powerW - one.initial.draw.powerW, 9);
  return made.map(({ kind, costS }) => `${kind} ${costS}`);
};

describe('the actions of a change', () => {
  it.each<[string, Setting, Setting, readonly string[]]>([
    ['turn a knob', [0], [1], ['reconfigure 0']],
    ['load something', [0], [3], ['reconfigure 20']],
    ['cap', [0], [0, 200], ['cap 0']],
    ['change a cap', [0, 200], [0, 150], ['cap 0']],
    ['stop', [0], [0, undefined, true], ['stop-routing 0']],
    ['give all back, then load', [0, 200, true], [3], ['release 0', 'release 0', 'reconfigure 20']],
    ['load, then take all', [0], [3, 150, true], ['reconfigure 20', 'cap 0', 'stop-routing 0']],
  ])('%s', (_, from, to, expected) => {
    expect(actions(from, to)).toEqual(expected);
  });

  it('are none where nothing changed', () => {
    expect(actionsOf(drafted(exampleDraft()), 'why')).toEqual([]);
  });

  it('name both configurations and why', () => {
    const draft = exampleDraft();
    const one = drafted(draft);
    const key = exampleKeys[1];
    applyPose(
      draft,
      one,
      pose(one, { key, profile: exampleProfiles[1] ?? one.posed.profile }, one.posed.setting),
    );
    expect(actionsOf(one, 'why')).toMatchObject([
      { instance: 'a', reason: 'why', from: exampleKeys[0], to: key, effect: { capacityLoss: 15 } },
    ]);
  });
});
