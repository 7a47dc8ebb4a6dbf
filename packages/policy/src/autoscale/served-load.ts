import { stageCosts, type StageProfile } from '@isotherm/kernel';

/** What an instance did over a span, as its engine counts it. */
export interface EngineUse {
  /** Share of the span in which it had work. */
  readonly busyShare: number;
  /** Mean number of media, prompts or sequences that it had in work while it had any. */
  readonly meanBatch: number;
  /** Share of its full clock that it ran at; absent: all of it. A slow engine is busy for longer with the same. */
  readonly clockShare?: number;
}

/**
 * Tokens a second that instances worked through, where nobody counts tokens: the time in which each had work, times what its
 * profile says that it does in a batch of that size. It cannot be more than what they can do: what waits is not in it.
 */
export const servedTokensPerS = (
  profile: StageProfile,
  tokens: number,
  uses: readonly EngineUse[],
): number => {
  const costs = stageCosts(profile);
  return uses.reduce((sum, { busyShare, meanBatch, clockShare = 1 }) => {
    const batch = Math.max(1, Math.min(profile.batchMax, meanBatch));
    const made = profile.stage === 'decode' ? batch : batch * tokens;
    const ms = Math.max(1e-3, costs.latencyMs(batch, tokens));
    const workedShare = within(busyShare) * within(clockShare);
    return sum + (workedShare * made * 1000) / ms;
  }, 0);
};

const within = (share: number): number => Math.max(0, Math.min(1, share));
