/** Times that an engine takes instead of computing; all in milliseconds, 0 for none. */
export interface ProfileOptions {
  /** Encode: a fixed time a batch and a time for each medium in it. */
  readonly encodeBatchMs?: number;
  readonly encodeMediumMs?: number;
  /** Prefill: a fixed time a prompt and a time for each of its tokens. */
  readonly prefillPromptMs?: number;
  readonly prefillTokenMs?: number;
  /** Decode: a fixed time a step and a time for each sequence in it. */
  readonly decodeStepMs?: number;
  readonly decodeSequenceMs?: number;
  /** Most media in one encode batch. */
  readonly batchMax?: number;
  /** Decode slots. */
  readonly slots?: number;
  /** Longest context of a slot in tokens. */
  readonly contextMax?: number;
  /** Size of one embedding row. */
  readonly hiddenSize?: number;
  /** Embedding rows (and placeholders) of one image. */
  readonly imageTokens?: number;
  /** The same of one second of a sound, and of one clip. */
  readonly audioTokensPerSecond?: number;
  readonly videoTokens?: number;
  /** Bytes of KV cache a token; at least 4. */
  readonly kvBytesPerToken?: number;
  /** Most bytes of KV cache of a decode engine; 0 for full slots of the longest context. */
  readonly kvBytesMax?: number;
  /** Tokens after which an answer ends by itself; without it only the request's own limit ends it. */
  readonly answerTokens?: number;
}

export type CompiledProfile = { readonly [Key in keyof ProfileOptions]-?: number };

/** Options with their defaults: zero cost, the shape of a very small model. */
export const compileProfile = (options: ProfileOptions): CompiledProfile => ({
  encodeBatchMs: options.encodeBatchMs ?? 0,
  encodeMediumMs: options.encodeMediumMs ?? 0,
  prefillPromptMs: options.prefillPromptMs ?? 0,
  prefillTokenMs: options.prefillTokenMs ?? 0,
  decodeStepMs: options.decodeStepMs ?? 0,
  decodeSequenceMs: options.decodeSequenceMs ?? 0,
  batchMax: options.batchMax ?? 8,
  slots: options.slots ?? 32,
  contextMax: options.contextMax ?? 4096,
  hiddenSize: options.hiddenSize ?? 128,
  imageTokens: options.imageTokens ?? 36,
  audioTokensPerSecond: options.audioTokensPerSecond ?? 13,
  videoTokens: options.videoTokens ?? 36,
  kvBytesPerToken: Math.max(4, options.kvBytesPerToken ?? 2048),
  kvBytesMax: options.kvBytesMax ?? 0,
  answerTokens: options.answerTokens ?? Number.POSITIVE_INFINITY,
});
