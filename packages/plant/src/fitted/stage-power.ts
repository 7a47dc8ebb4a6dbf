import type { StagePower, WorkKind } from '../predict/gpu-power.ts';
import { fittedPower } from './fitted-power.ts';

/**
 * Mean power by kind of work. Decode is fitted to served language models, prefill to the peaks of prompts (see
 * fitted-power.ts); bounds, encode, other, and all shares of memory and clock are assumed.
 */
export const stagePower: Readonly<Record<WorkKind, StagePower>> = {
  // Assumed: encoders are dense matrix products like prefill, on small inputs.
  encode: {
    ...{ share: 0.7, perDoubledBatch: 0.05, perDoubledTensorParallel: -0.1 },
    ...{ perDoubledParameters: 0.02, perDoubledTotalParameters: 0, lowPrecision: -0.05 },
    ...{ shareMin: 0.3, shareMax: 1, memoryShare: 0.12, clockFixedShare: 0.1 },
  },
  // No data on parameters or precision: assumed not to matter.
  prefill: {
    ...fittedPower.prefill,
    ...{ perDoubledParameters: 0, perDoubledTotalParameters: 0, lowPrecision: 0 },
    ...{ shareMin: 0.3, shareMax: 1, memoryShare: 0.15, clockFixedShare: 0.15 },
  },
  decode: {
    ...fittedPower.serving,
    ...{ shareMin: 0.2, shareMax: 1, memoryShare: 0.38, clockFixedShare: 0.45 },
  },
  // Assumed: training and its like.
  other: {
    ...{ share: 0.9, perDoubledBatch: 0, perDoubledTensorParallel: 0 },
    ...{ perDoubledParameters: 0, perDoubledTotalParameters: 0, lowPrecision: 0 },
    ...{ shareMin: 0.2, shareMax: 1, memoryShare: 0.2, clockFixedShare: 0.2 },
  },
};
