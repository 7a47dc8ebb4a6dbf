import { describe, expect, it } from '@jest/globals';
import { applyPose, keyedOf, lackWith, pose, posesFrom, reloadSOf, shiftAt } from './draft.ts';
import { drafted, exampleDraft, exampleSetting } from './example-draft.ts';
import { exampleAdjustable, exampleKeys, exampleOpaque } from './example-plan.ts';

describe('a draft', () => {
  it('counts what instances of one model can do together', () => {
    const draft = exampleDraft([
      ...[exampleAdjustable('a', 's'), exampleAdjustable('b', 's', { load: 160 })],
      exampleAdjustable('c', 's', { model: 'other', load: NaN }),
    ]);
    expect(drafted(draft, 'a').pool).toEqual({ load: 210, capacity: 200 });
    expect(drafted(draft, 'b').pool).toBe(drafted(draft, 'a').pool);
    expect(drafted(draft, 'c').pool).toEqual({ load: 0, capacity: 100 });
    expect(lackWith(drafted(draft, 'a'), drafted(draft, 'a').posed.draw)).toBe(10);
  });

  it('has opaque instances at what their cap lets them draw', () => {
    const { opaque } = exampleDraft([exampleOpaque('o', 's', { capW: 300 })]);
    expect(opaque.map(({ powerW }) => powerW)).toEqual([300]);
  });

  it('leaves out what has no profile, and names it', () => {
    const current = { configuration: 'stranger', stopped: false };
    const draft = exampleDraft([exampleAdjustable('a', 's', { current })]);
    expect([draft.adjustable.size, draft.unknown]).toEqual([0, ['a']]);
  });

  it('carries a change to all that feels it, and back', () => {
    const draft = exampleDraft();
    const one = drafted(draft);
    const stopped = pose(one, keyedOf(one.posed), { stopped: true });
    const power = { key: 'row:r', part: 'powerW', weight: 0.5 } as const;
    expect(shiftAt(power, one.posed.draw, stopped.draw)).toBe(-75);
    applyPose(draft, one, stopped);
    expect(draft.at.get('row:r')).toBe(750);
    expect(one.pool).toEqual({ load: 100, capacity: 100 });
    applyPose(draft, one, one.initial);
    expect(draft.at.get('row:r')).toBe(900);
    expect(one.pool).toEqual({ load: 100, capacity: 200 });
  });

  it('offers configurations with the cap that there is, and no more work', () => {
    const one = drafted(exampleDraft());
    const capped = pose(one, keyedOf(one.posed), { capW: 200, stopped: false });
    const settings = posesFrom(one, capped).map(({ setting }) => setting);
    expect(settings).toContainEqual(exampleSetting(3, 200));
    expect(settings.at(-1)).toEqual(exampleSetting(0, 200, true));
  });

  it('takes time only for what is not loaded', () => {
    const one = drafted(exampleDraft());
    const [near, far] = [1, 3].map((at) =>
      posesFrom(one, one.posed).find(({ setting }) => setting.configuration === exampleKeys[at]),
    );
    expect(near && reloadSOf(one, near)).toBe(0);
    expect(far && reloadSOf(one, far)).toBe(20);
  });
});
