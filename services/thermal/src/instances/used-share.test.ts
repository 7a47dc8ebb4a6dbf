import { describe, expect, it } from '@jest/globals';
import { type InstanceRecord } from '@isotherm/lanes';
import { entryRates } from '../profiles/entry-rates.ts';
import { exampleProfile } from '../testing/example-profiles.ts';
import type { InstanceLoad } from './instance-book.ts';
import { usedShare } from './used-share.ts';

const on = (stage: InstanceRecord['stage'], utilisation: number, batch: number) => ({
  record: { stage, capacity: 8 } as InstanceRecord,
  load: { utilisation, batch } as InstanceLoad,
});
const profile = exampleProfile();
const [entry] = profile.stages.filter(({ stage }) => stage === 'decode');
if (entry === undefined) throw new Error('a profile without decode');
const options = { targets: { firstMs: 0, tokenMs: 0 }, isResting: true };
const rates = entryRates(profile, entry, options);

describe('how much an instance does of what it could do', () => {
  it.each([
    ['a busy decode with one seat taken', on('decode', 1, 1), 1 / 8],
    ['with all of them', on('decode', 1, 8), 1],
    ['half of the time', on('decode', 0.5, 4), 1 / 4],
    ['more than it has seats now', on('decode', 1, 12), 1],
    ['an encoder, by its time', on('encode', 0.7, 2), 0.7],
    ['a prefill, by its time', on('prefill', 0.7, 1), 0.7],
  ])('without a profile: %s', (_, instance, expected) => {
    expect(usedShare(instance, undefined)).toBeCloseTo(expected);
  });

  it('with a profile: what batches like these do, of what full ones would', () => {
    // One takes 30 ms, eight take 60: one at a time is a quarter of it.
    expect(usedShare(on('decode', 1, 1), rates)).toBeCloseTo(60 / 30 / 8);
    expect(usedShare(on('decode', 1, 8), rates)).toBeCloseTo(1);
    expect(usedShare(on('decode', 0.5, 8), rates)).toBeCloseTo(0.5);
  });

  it('is nothing where nothing is known', () => {
    expect(usedShare({ ...on('decode', 1, 1), load: undefined }, rates)).toBe(0);
  });
});
