/** What a change gives up, the cheapest first. A plan takes all that one gives before it takes from the next. */
export const tiers = ['cheap', 'reload', 'move', 'quality', 'shed', 'cap', 'stop'] as const;
export type Tier = (typeof tiers)[number];

/** What tells tiers apart. */
export interface TierFacts {
  readonly stops: boolean;
  readonly caps: boolean;
  /** More of the model's load has no capacity anywhere. */
  readonly lacks: boolean;
  readonly losesQuality: boolean;
  /** It can no longer serve its own load, but others can. */
  readonly moves: boolean;
  readonly reloads: boolean;
}

export const tierOf = (facts: TierFacts): Tier => {
  if (facts.stops) return 'stop';
  if (facts.caps) return 'cap';
  if (facts.lacks) return 'shed';
  if (facts.losesQuality) return 'quality';
  if (facts.moves) return 'move';
  return facts.reloads ? 'reload' : 'cheap';
};

/** Lower comes first. */
export const tierRank = (tier: Tier): number => tiers.indexOf(tier);
