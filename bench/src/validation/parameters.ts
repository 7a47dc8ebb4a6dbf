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
  /** All of what follows is measured so many times in turn, so that what the machine does meanwhile meets all of it. */
  readonly rounds: number;
  /** Loads that are compared, as shares of the requests a second that the stack answers when it is saturated. */
  readonly loadShares: readonly number[];
  /** Of each load, in each round: a trace that is compared, and one before it that is fitted. */
  readonly traceS: number;
  readonly fitS: number;
  /** Of the saturated loop, in each round. */
  readonly saturatedS: number;
  readonly warmS: number;
  /** Requests of each kind that have the stack to themselves, for what the fabric takes. */
  readonly unloadedEach: number;
  /** About how long a point of a profile is measured. */
  readonly pointS: number;
}

export const fullValidation: ValidationParameters = {
  ...{ rounds: 3, loadShares: [0.5, 0.65, 0.8], traceS: 24, fitS: 9, saturatedS: 12 },
  ...{ warmS: 25, unloadedEach: 6, pointS: 0.3 },
};

/** One round of it: under three minutes. */
export const shortValidation: ValidationParameters = {
  ...fullValidation,
  ...{ rounds: 1, traceS: 20, fitS: 8, warmS: 18 },
};

export const quickValidation: ValidationParameters = {
  ...{ rounds: 1, loadShares: [0.5], traceS: 8, fitS: 5, saturatedS: 5 },
  ...{ warmS: 3, unloadedEach: 4, pointS: 0.15 },
};

/** Requests in flight that saturate the stack: no stage is ever without work for long. */
export const saturatingLanes = 24;

/** What an instance works on at once, live and simulated: pictures one by one, since a batch of them saves nothing. */
export const batchMax = { encode: 1, prefill: 1, decode: 32 } as const;

/** Longest prompt: a turn of prefill, so that prompts are run in one go. */
export const promptTokensMax = 250;

/** How the router and the engines of the live stack queue, as they are set by default. */
export const largeYieldMsMax = 20;
export const patience = {
  encode: { passedOverMax: 32, by: 'later' },
  prefill: { passedOverMax: 16, by: 'anybody' },
} as const;
