import { describe, expect, it } from '@jest/globals';
import { tierBetween } from './change-tier.ts';
import { pose } from './draft.ts';
import { drafted, exampleDraft, exampleSetting } from './example-draft.ts';
import { exampleAdjustable, exampleProfiles } from './example-plan.ts';

describe('the tier of a change', () => {
  it.each([
    ['a lower clock', 50, 1, undefined, false, 'cheap'],
    ['another precision', 50, 3, undefined, false, 'reload'],
    ['a clock that its load is too much for', 90, 2, undefined, false, 'move'],
    ['a smaller model', 50, 4, undefined, false, 'quality'],
    ['a clock that all load is too much for', 160, 2, undefined, false, 'shed'],
    ['a cap', 50, 0, 300, false, 'cap'],
    ['no more work', 50, 0, undefined, true, 'stop'],
  ] as const)('%s', (_, load, at, capW, stopped, tier) => {
    const other = exampleAdjustable('b', 's', { load: 20 });
    const one = drafted(exampleDraft([exampleAdjustable('a', 's', { load }), other]));
    const profile = exampleProfiles[at] ?? one.posed.profile;
    const setting = exampleSetting(at, capW, stopped);
    const to = pose(one, { key: setting.configuration, profile }, setting);
    expect(tierBetween(one, one.posed, to)).toBe(tier);
  });
});
