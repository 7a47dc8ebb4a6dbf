import type { WeightyShape } from '../serving/weighty/shape.ts';

/**
 * A model between the shipped one and the weighty one: each unit of work takes tens of milliseconds (a step of decode a few), so
 * that engines and not event loops decide, and a minute holds hundreds of requests. Weights are random.
 */
export const middlingShape: WeightyShape = {
  vision: {
    imagePx: 192,
    patchPx: 16,
    hidden: 384,
    heads: 6,
    layers: 8,
    feedForward: 1536,
    shuffle: 2,
  },
  decoder: {
    hidden: 384,
    heads: 6,
    kvHeads: 2,
    headSize: 64,
    layers: 10,
    feedForward: 1024,
    vocabulary: 8192,
    contextMax: 512,
    ropeTheta: 100_000,
  },
};

/** Times in seconds. */
export interface ValidationParameters {
  /** Loads that are replayed, as shares of what the simulator says the stack can do at most. */
  readonly loadShares: readonly number[];
  readonly traceS: number;
  /** A trace of its own, at each load, for what the machine's scheduler takes. */
  readonly fitS: number;
  readonly warmS: number;
  /** Requests of each kind that have the stack to themselves, for what the fabric takes. */
  readonly unloadedEach: number;
  /** About how long a point of a profile is measured; a pair of engines, five times as long. */
  readonly pointS: number;
  /** Requests at once, of which the simulator says what the stack can do at most. */
  readonly backlogRequests: number;
}

export const fullValidation: ValidationParameters = {
  ...{ loadShares: [0.5, 0.65], traceS: 80, fitS: 30, warmS: 25 },
  ...{ unloadedEach: 16, pointS: 0.5, backlogRequests: 400 },
};

export const quickValidation: ValidationParameters = {
  ...{ loadShares: [0.5], traceS: 10, fitS: 6, warmS: 3 },
  ...{ unloadedEach: 4, pointS: 0.15, backlogRequests: 100 },
};

/** What an instance works on at once, live and simulated: pictures one by one, since a batch of them saves nothing. */
export const batchMax = { encode: 1, prefill: 1, decode: 32 } as const;

/** Longest prompt: a turn of prefill, so that prompts are run in one go. */
export const promptTokensMax = 250;
