import { describe, expect, it } from '@jest/globals';
import type { Draft } from './draft.ts';
import { cut, engagedOf } from './cut.ts';
import { exampleDraft } from './example-draft.ts';
import { exampleAdjustable } from './example-plan.ts';
import { tiers } from './tier.ts';

const run = (draft: Draft) =>
  cut(draft, engagedOf(draft), new Set(tiers)).map(({ tier, instance }) => `${instance} ${tier}`);

describe('cutting', () => {
  it('engages above its point only', () => {
    // 900 of 925 W: above 97 per cent.
    expect([...engagedOf(exampleDraft())]).toEqual(['row:r']);
    expect([...engagedOf(exampleDraft(undefined, { engageShare: 0.98 }))]).toEqual([]);
  });

  it('stops as soon as the target is kept: one change is enough for 30.5 W', () => {
    expect(run(exampleDraft())).toEqual(['a cheap']);
  });

  it('takes from others before it takes a higher tier', () => {
    const draft = exampleDraft(undefined, { targetShare: 0.85 });
    expect(run(draft)).toEqual(['a cheap', 'b cheap', 'a cheap', 'b cheap']);
    expect(draft.at.get('row:r')).toBeLessThanOrEqual(0.85 * 925);
  });

  it('ends where nobody has anything to give', () => {
    const draft = exampleDraft(undefined, { targetShare: 0 });
    expect(run(draft).length).toBeGreaterThan(0);
    expect(run(draft)).toEqual([]);
    expect(run(exampleDraft([]))).toEqual([]);
  });

  it('ends at the bound', () => {
    const many = Array.from({ length: 9 }, (_, at) => exampleAdjustable(`a${at}`, 's'));
    expect(run(exampleDraft(many, { targetShare: 0.1, stepsMax: 1 })).length).toBeLessThan(10);
  });
});
