import type { ModelFacts } from '@isotherm/engine';

/** The points that a stage is measured at. */
export interface Grid {
  /** Sides of square pictures in pixels; those that make equally many tokens are measured once. */
  readonly sidesPx: readonly number[];
  readonly encodeBatches: readonly number[];
  readonly promptTokens: readonly number[];
  readonly contextTokens: readonly number[];
  readonly decodeBatches: readonly number[];
  /** Of what the engine does at most, at each of which a load is made. */
  readonly loadShares: readonly number[];
}

/** What leaves room for an answer. */
const promptShareMax = 0.75;

const upTo = (sizes: readonly number[], max: number): readonly number[] => {
  const fit = sizes.filter((size) => size < max);
  return [...fit, Math.max(1, Math.floor(max))];
};

/** A grid for a model: prompts and contexts of its own lengths. Quick: enough to see that everything works. */
export const gridFor = ({ contextMax }: Pick<ModelFacts, 'contextMax'>, quick: boolean): Grid => {
  const longest = Math.min(contextMax * promptShareMax, quick ? 128 : 2048);
  return {
    sidesPx: quick ? [96] : [96, 384, 768, 1536],
    encodeBatches: quick ? [1, 2] : [1, 2, 4, 8],
    promptTokens: upTo(quick ? [16] : [16, 64, 256, 1024], longest),
    contextTokens: upTo(quick ? [16] : [32, 256], longest),
    decodeBatches: quick ? [1, 4] : [1, 4, 8, 16, 32],
    loadShares: quick ? [0.5] : [0.3, 0.5, 0.7, 0.85, 1, 1.3],
  };
};
