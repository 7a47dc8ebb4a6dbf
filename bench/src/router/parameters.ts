/** How much is measured; everything else about the router bench is fixed. */
export interface RouterParameters {
  /** Times that everything is measured, in turn; the figures are medians over them. */
  readonly runs: number;
  /** Tokens of an answer. */
  readonly answerTokens: number;
  /** Rate at which every target is asked where latency is measured, in requests/s, and for how long, in milliseconds. */
  readonly ratePerS: number;
  readonly pacedMs: number;
  /** Parts into which this time is cut: the targets take turns. */
  readonly turns: number;
  /** Requests in flight in the closed loop, and for how long, in milliseconds. */
  readonly concurrency: number;
  readonly closedWarmMs: number;
  readonly closedMs: number;
  /** Load on each target before anything is measured: compiled code costs a third of what code costs at first. */
  readonly firstWarmMs: number;
  /** Large requests in flight beside small ones; 0 leaves this part out. */
  readonly largeInFlight: number;
  /** Size of a large text, and of the file of a large picture, in bytes. */
  readonly largeBytes: number;
  /** Rate of the small requests, and how long each of their conditions is measured, in milliseconds, in so many turns. */
  readonly smallRatePerS: number;
  readonly besideMs: number;
  readonly besideTurns: number;
  /** Load before: of the first seconds after a start the 99th percentile is twice what it is later. */
  readonly besideWarmMs: number;
}

export const fullParameters: RouterParameters = {
  runs: 3,
  answerTokens: 8,
  ratePerS: 50,
  pacedMs: 4_000,
  turns: 2,
  concurrency: 64,
  closedWarmMs: 500,
  closedMs: 3_000,
  firstWarmMs: 6_000,
  largeInFlight: 150,
  largeBytes: 220_000,
  smallRatePerS: 40,
  besideMs: 24_000,
  besideTurns: 3,
  besideWarmMs: 8_000,
};

export const quickParameters: RouterParameters = {
  ...fullParameters,
  runs: 2,
  pacedMs: 2_000,
  turns: 1,
  closedWarmMs: 500,
  closedMs: 2_000,
  firstWarmMs: 3_000,
  besideMs: 6_000,
  besideTurns: 1,
  besideWarmMs: 3_000,
};
