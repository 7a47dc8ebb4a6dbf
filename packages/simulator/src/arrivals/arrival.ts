/** A request that comes, as it is drawn or read; times in milliseconds since the run began. */
export interface Arrival {
  readonly atMs: number;
  readonly textTokens: number;
  /** Pictures, and tokens of each of them. */
  readonly media: number;
  readonly mediumTokens: number;
  readonly answerTokens: number;
}

/** Where requests come from, one after the other in the order of time. */
export interface ArrivalSource {
  /** The next one; undefined: there are no more. What it returns may be written over by the next call. */
  next(): Arrival | undefined;
}
