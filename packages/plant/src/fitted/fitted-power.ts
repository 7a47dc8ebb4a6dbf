/**
 * Written by `npm run bench -- plant-fit`; not to be edited. Shares of the rated power.
 * `serving`: mean power of served language models on H100 (The ML.ENERGY Leaderboard v3, NeurIPS D&B 2025), by doublings.
 * `prefill`: peaks of Llama 2 70B's and BLOOM 176B's prompts on A100 (github.com/Mutinifni/splitwise-sim, MIT).
 */
export const fittedPower = {
  serving: {
    share: 0.5638,
    perDoubledBatch: 0.0364,
    perDoubledTensorParallel: -0.1254,
    perDoubledParameters: 0.0387,
    perDoubledTotalParameters: 0.0248,
    lowPrecision: 0.0339,
  },
  prefill: {
    share: 1.0259,
    perDoubledBatch: 0.0466,
    perDoubledTensorParallel: -0.0687,
  },
} as const;
