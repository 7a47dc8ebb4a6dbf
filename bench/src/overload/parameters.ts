import type { FairnessParameters } from './measure-fairness.ts';
import type { OverloadParameters } from './measure-overload.ts';

export interface OverloadBench {
  readonly overload: OverloadParameters;
  readonly fairness: FairnessParameters;
}

const shape = { promptMs: 20, answerTokens: 8, seed: 11 };

export const fullOverload: OverloadBench = {
  overload: { ...shape, times: 3, peakMs: 10_000, overloadMs: 60_000 },
  fairness: { ...shape, promptMs: 40, rounds: 4, roundMs: 10_000 },
};

export const quickOverload: OverloadBench = {
  overload: { ...shape, times: 3, peakMs: 2_000, overloadMs: 5_000 },
  fairness: { ...shape, promptMs: 40, rounds: 1, roundMs: 3_000 },
};
