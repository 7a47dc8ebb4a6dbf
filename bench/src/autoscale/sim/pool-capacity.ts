import { type ModelProfile, safeTokensPerS, saturationOf, stageCosts } from '@isotherm/kernel';
import { entryOf } from '../../modserve/run-arm.ts';

/** What one instance of a stage does. */
export interface PoolCapacity {
  /** Within the SLO. */
  readonly capacityTokensPerS: number;
  /** At most. */
  readonly saturationTokensPerS: number;
  readonly startMs: number;
}

/** A stage of one GPU, as the profile has it, for pieces of work of so many tokens each. */
export const poolCapacity = (
  profile: ModelProfile,
  stage: 'encode' | 'prefill' | 'decode',
  tokens: number,
  sloTimes: number,
): PoolCapacity => {
  const entry = entryOf(profile, `${stage}-1`);
  // The study's instance of four GPUs says what a piece takes alone, as for the SLO of the whole request.
  const alone = stageCosts(entryOf(profile, `${stage}-4`)).latencyMs(1, tokens);
  return {
    capacityTokensPerS: safeTokensPerS(entry, { tokens, targetMs: sloTimes * alone }),
    saturationTokensPerS: saturationOf(entry, tokens).tokensPerS,
    startMs: entry.startS * 1000,
  };
};
