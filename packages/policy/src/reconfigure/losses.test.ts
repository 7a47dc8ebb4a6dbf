import { describe, expect, it } from '@jest/globals';
import { exampleDraft, exampleSetting } from './example-draft.ts';
import { exampleAdjustable, exampleOpaque } from './example-plan.ts';
import { lossesOf } from './losses.ts';

describe('losses', () => {
  it('are load without capacity, quality by load, and power of others', () => {
    const instances = [
      exampleAdjustable('a', 's', { load: 150, current: exampleSetting(4) }),
      exampleAdjustable('b', 's', { load: 50, current: exampleSetting(0, undefined, true) }),
      exampleOpaque('o', 's', { capW: 350 }),
    ];
    expect(lossesOf(exampleDraft(instances))).toEqual({
      ...{ opaqueW: 50, lackLoad: 50, load: 200, qualityLoss: expect.closeTo(0.075, 9) },
    });
  });

  it('are none of nobody', () => {
    expect(lossesOf(exampleDraft([]))).toEqual({
      ...{ opaqueW: 0, lackLoad: 0, load: 0, qualityLoss: 0 },
    });
  });
});
