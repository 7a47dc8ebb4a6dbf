import { describe, expect, it } from '@jest/globals';
import { changeAt, compareChanges } from './change.ts';
import type { PlanSettings } from './contract.ts';
import { drafted, exampleDraft } from './example-draft.ts';
import { exampleAdjustable, exampleKeys, exampleProfiles } from './example-plan.ts';
import { type Tier, tiers } from './tier.ts';

const row = { key: 'row:r', part: 'powerW', weight: 1 } as const;
const change = (
  need: number,
  allowed: readonly Tier[] = tiers,
  different: Parameters<typeof exampleAdjustable>[2] = {},
  settings: Partial<PlanSettings> = {},
) => {
  const draft = exampleDraft([exampleAdjustable('a', 's', different)], settings);
  const found = changeAt(draft, drafted(draft), row, need, new Set(allowed));
  return found && { ...found.to.setting, tier: found.tier };
};

describe('the best change of an instance', () => {
  it('is of the lowest tier, and the one worth the most for what it gives up', () => {
    expect(change(20)).toMatchObject({ configuration: exampleKeys[1], tier: 'cheap' });
    expect(change(500, ['cheap'])).toMatchObject({ configuration: exampleKeys[1] });
  });

  it('is one that is allowed, or none', () => {
    expect(change(20, ['reload'])).toMatchObject({ configuration: exampleKeys[3] });
    expect(change(20, ['quality'])).toBeUndefined();
    expect(change(20, ['quality'], {}, { qualityLossMax: 0.2 })).toMatchObject({
      configuration: exampleKeys[4],
    });
    expect(change(20, [])).toBeUndefined();
  });

  it('gives load up only where it may', () => {
    const busy = { load: 100, profiles: exampleProfiles.slice(0, 3) };
    expect(change(20, ['shed'], busy)).toBeUndefined();
    expect(change(20, ['shed'], busy, { shedShareMax: 0.2 })).toMatchObject({ tier: 'shed' });
  });

  it('caps to what is needed, in steps, and leaves some capacity', () => {
    const capped = (need: number) => change(need, ['cap'], {}, { shedShareMax: 1 });
    expect(capped(35)).toMatchObject({ capW: 210 });
    expect(capped(500)).toMatchObject({ capW: 190 });
    expect(change(35, ['cap'])).toBeUndefined();
  });

  it('takes load from the stage that is served best, then what is worth more', () => {
    const shed = (served: number, worth: number, tier: Tier = 'shed') => {
      const draft = exampleDraft();
      const to = drafted(draft).posed;
      return { drafted: drafted(draft), reach: row, to, tier, relief: 1, served, worth };
    };
    expect(compareChanges(shed(0.9, 1), shed(0.8, 9))).toBeLessThan(0);
    expect(compareChanges(shed(0.9, 1), shed(0.9, 9))).toBeGreaterThan(0);
    expect(compareChanges(shed(0.1, 1, 'cap'), shed(0.9, 9, 'stop'))).toBeLessThan(0);
  });

  it('stops in the end', () => {
    expect(change(20, ['stop'], {}, { shedShareMax: 1 })).toMatchObject({ stopped: true });
  });
});
