import { stageCosts, type StageProfile } from '@isotherm/kernel';
import type { StageCost } from './stage-cost.ts';

/** What a profile says a stage costs. */
export const profileCost = (profile: StageProfile): StageCost => {
  const { latencyMs } = stageCosts(profile);
  const { batchMax, tokensMax, clockFixedShare } = profile;
  return {
    ...{ timeMs: latencyMs, batchMax },
    ...(tokensMax !== undefined && { tokensMax }),
    ...(clockFixedShare !== undefined && { clockFixedShare }),
  };
};
