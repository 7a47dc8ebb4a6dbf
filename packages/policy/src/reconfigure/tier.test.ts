import { describe, expect, it } from '@jest/globals';
import { type TierFacts, tierOf, tierRank, tiers } from './tier.ts';

const none: TierFacts = {
  ...{ stops: false, caps: false, lacks: false, losesQuality: false },
  ...{ moves: false, reloads: false },
};

describe('tiers', () => {
  it.each([
    [{}, 'cheap'],
    [{ reloads: true }, 'reload'],
    [{ reloads: true, moves: true }, 'move'],
    [{ moves: true, losesQuality: true }, 'quality'],
    [{ losesQuality: true, lacks: true }, 'shed'],
    [{ lacks: true, caps: true }, 'cap'],
    [{ caps: true, stops: true }, 'stop'],
  ] as const)('%j is %s: the dearest of what a change gives up', (facts, tier) => {
    expect(tierOf({ ...none, ...facts })).toBe(tier);
  });

  it('are in order', () => {
    expect(tiers.map(tierRank)).toEqual([0, 1, 2, 3, 4, 5, 6]);
  });
});
