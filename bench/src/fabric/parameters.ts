/** How much is measured; everything else about the fabric bench is fixed. */
export interface FabricParameters {
  /** Times that everything is measured, in turn; the figures are medians over them. */
  readonly runs: number;
  /** Pairs of requests (fabric, direct) a run with engines of zero cost. */
  readonly pairs: number;
  /** Pairs a run with engines whose decode step takes `stepMs`. */
  readonly steppedPairs: number;
  readonly stepMs: number;
  /** Pairs a run with the shipped model; 0 leaves it out. */
  readonly onnxPairs: number;
  /** Tokens of an answer where latency is measured, and where load is. */
  readonly answerTokens: number;
  readonly loadAnswerTokens: number;
  /** Requests in flight; the first gives `requests_per_s`. */
  readonly concurrencies: readonly number[];
  readonly loadWarmMs: number;
  /** Load on each stack before anything is measured: compiled code costs a third of what code costs at first. */
  readonly firstWarmMs: number;
  readonly loadMs: number;
  readonly laneJobs: number;
  readonly pulls: number;
  /** Longest time for the pulls of one size and kind, in milliseconds. */
  readonly pullMsMax: number;
  readonly sizesBytes: readonly number[];
}

const kibibyte = 1 << 10;
const mebibyte = 1 << 20;

export const fullParameters: FabricParameters = {
  runs: 5,
  pairs: 300,
  steppedPairs: 40,
  stepMs: 5,
  onnxPairs: 100,
  answerTokens: 16,
  loadAnswerTokens: 8,
  concurrencies: [64, 16, 256],
  loadWarmMs: 1_000,
  firstWarmMs: 15_000,
  loadMs: 6_000,
  laneJobs: 1_000,
  pulls: 200,
  pullMsMax: 1_000,
  sizesBytes: [4, 16, 64, 256]
    .map((size) => size * kibibyte)
    .concat([1, 4, 16, 64].map((size) => size * mebibyte)),
};

export const quickParameters: FabricParameters = {
  ...fullParameters,
  runs: 2,
  pairs: 100,
  steppedPairs: 15,
  onnxPairs: 20,
  concurrencies: [64],
  loadWarmMs: 500,
  firstWarmMs: 4_000,
  loadMs: 3_000,
  laneJobs: 300,
  pulls: 40,
  pullMsMax: 150,
};
