/** Stages that have a profile of their own; a whole model is the sum of them. */
export type ProfiledStage = 'encode' | 'prefill' | 'decode';

/**
 * What one stage of one model costs on one kind of hardware, in one configuration: a table of operating points. A simulator
 * takes its times from it, an engine can serve by it, and a planner reads capacity off it. Plain data, as it stands in a file.
 */
export interface StageProfile {
  readonly stage: ProfiledStage;
  readonly model: string;
  /** As in `a100-80gb` or `cpu`: what it was measured on. */
  readonly hardware: string;
  /** GPUs that one instance is split over; 0 where it runs on none. */
  readonly gpus: number;
  /** Threads that compute, where there is no GPU. */
  readonly threads?: number;
  /** As in `bf16`, `fp8`, `int8`. */
  readonly precision: string;
  /** Most media, prompts or sequences that are worked on together. */
  readonly batchMax: number;
  /** Most tokens of one batch of prompts, or of one context; absent: no such bound. */
  readonly tokensMax?: number;
  /** Most tokens whose KV caches fit at once (decode); absent: as many as there are. */
  readonly kvTokensMax?: number;
  /** Bytes of an embedding (encode) or of a KV cache (prefill) for each token: what is handed on. */
  readonly bytesPerToken?: number;
  /** A full grid over `batch` and `tokens`: each batch with the same list of tokens. Not empty. */
  readonly points: readonly StagePoint[];
  /** What the instance draws without work, in watts. */
  readonly idleW?: number;
  /** Share of a latency that does not follow the clock, 0 to 1: memory's part. Absent: none, all of it does. */
  readonly clockFixedShare?: number;
  /** Share of a text token that a token of a medium costs here: 1 where a model is decoder-only (the default). */
  readonly mediaTokenShare?: number;
  /** Where the figures come from: a measurement with its date and machine, or a publication with its place. */
  readonly source: string;
}

/** One operating point. */
export interface StagePoint {
  /** Media, prompts or sequences that are worked on together. */
  readonly batch: number;
  /** Tokens of each: of a medium, of a prompt, of a context so far. */
  readonly tokens: number;
  /** Of the batch of media, the batch of prompts, the step of decoding. */
  readonly latencyMs: number;
  /** Drawn meanwhile, by the whole instance, in watts; absent: unknown. */
  readonly powerW?: number;
}
