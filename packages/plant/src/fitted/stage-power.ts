import type { StagePower, WorkKind } from '../predict/gpu-power.ts';

/**
 * Mean power by kind of work. To be replaced by the fit (`npm run bench -- plant-fit`) where data has it; what is
 * assumed says so.
 */
export const stagePower: Readonly<Record<WorkKind, StagePower>> = {
  // Assumed: encoders are dense matrix products like prefill, on small inputs.
  encode: {
    ...{ share: 0.7, perDoubledBatch: 0.05, perDoubledTensorParallel: -0.1 },
    ...{ perDoubledParameters: 0.02, lowPrecision: -0.05, shareMin: 0.3, shareMax: 1 },
    ...{ memoryShare: 0.12, clockFixedShare: 0.1 },
  },
  prefill: {
    ...{ share: 0.98, perDoubledBatch: 0.12, perDoubledTensorParallel: -0.08 },
    ...{ perDoubledParameters: 0, lowPrecision: -0.05, shareMin: 0.3, shareMax: 1 },
    ...{ memoryShare: 0.15, clockFixedShare: 0.15 },
  },
  decode: {
    ...{ share: 0.6, perDoubledBatch: 0.042, perDoubledTensorParallel: -0.05 },
    ...{ perDoubledParameters: 0.02, lowPrecision: -0.05, shareMin: 0.25, shareMax: 1 },
    ...{ memoryShare: 0.38, clockFixedShare: 0.45 },
  },
  // Assumed: training and its like.
  other: {
    ...{ share: 0.9, perDoubledBatch: 0, perDoubledTensorParallel: 0 },
    ...{ perDoubledParameters: 0, lowPrecision: 0, shareMin: 0.2, shareMax: 1 },
    ...{ memoryShare: 0.2, clockFixedShare: 0.2 },
  },
};
