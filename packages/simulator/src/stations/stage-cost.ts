/** What a station is told of its work: how long it takes and how much of it goes at once. */
export interface StageCost {
  /** Time of one batch of media or prompts, or of one step, of so many with so many tokens each, at full clock. */
  timeMs(batch: number, tokens: number): number;
  /** Most media, prompts or sequences at once. */
  readonly batchMax: number;
  /** Most tokens of all prompts of a batch together; a longer prompt goes alone. Absent: no bound. */
  readonly tokensMax?: number;
  /** Share of the time that does not follow the clock, 0 to 1. Absent: none. */
  readonly clockFixedShare?: number;
}

/** A cost that is a sum of straight lines, in milliseconds: the shape of the profile engine's options. */
export interface LinearCost {
  /** Of a batch or a step, whatever is in it. */
  readonly fixedMs?: number;
  /** Of each medium, prompt or sequence. */
  readonly eachMs?: number;
  /** Of each token of each of them. */
  readonly tokenMs?: number;
}

export const linearCost = (
  { fixedMs = 0, eachMs = 0, tokenMs = 0 }: LinearCost,
  limits: Omit<StageCost, 'timeMs'>,
): StageCost => ({
  ...limits,
  timeMs: (batch, tokens) => fixedMs + batch * (eachMs + tokens * tokenMs),
});

/** A clock below this is taken for it: a stretched time stays finite. */
const clockShareMin = 0.01;

/** By how many times work takes longer at a share of the full clock. */
export const stretchOf = ({ clockFixedShare = 0 }: StageCost, clockShare: number): number =>
  clockFixedShare + (1 - clockFixedShare) / Math.max(clockShareMin, clockShare);

/** Time of encoding all media of a request, in batches one after the other. */
export const encodeAllMs = (cost: StageCost, media: number, mediumTokens: number): number => {
  let sumMs = 0;
  for (let left = media; left > 0; left -= cost.batchMax) {
    sumMs += cost.timeMs(Math.min(left, cost.batchMax), mediumTokens);
  }
  return sumMs;
};
