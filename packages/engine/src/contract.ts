/**
 * The stage contract: what an engine does for each stage, whatever it runs on. A service hosts one engine of its
 * stage; the reference (`runMonolith`) runs all three in one process. Tensors are plain typed arrays with a shape,
 * so that they cross threads and processes unchanged.
 */

import type { Fault } from '@isotherm/kernel';

/** A dense tensor; row-major. `data` is transferable between threads. */
export interface Tensor {
  readonly name: string;
  readonly dataType: 'float32' | 'float16' | 'int32' | 'uint8';
  readonly shape: readonly number[];
  readonly data: Float32Array | Uint16Array | Int32Array | Uint8Array;
}

/**
 * What encoding made of one medium. `decoder-only`: one tensor [tokens, hiddenSize], rows for the prompt's placeholders.
 * `cross-attention`: a key and a value for each cross-attention layer, each [kvHeads, tokens, headSize], named
 * cross_key_values.i.key|value; they depend on the medium alone.
 */
export type Embedding = readonly Tensor[];

/**
 * How tokens are chosen; temperature 0 is greedy. The draw is a pure function of (seed, token index). What is not given
 * changes nothing. In which order all of it applies: `sampling/token-chooser.ts`.
 */
export interface Sampling {
  readonly temperature: number;
  readonly topP: number;
  /** Unsigned 32-bit. */
  readonly seed: number;
  /** Only so many of the likeliest tokens; 0 is all. */
  readonly topK?: number;
  /** Only tokens with at least this share of the likeliest one's probability; 0 is all. */
  readonly minP?: number;
  /** Against tokens of prompt and answer, above 0; 1 is none. */
  readonly repetitionPenalty?: number;
  /** Against tokens of the answer, once each; 0 is none. */
  readonly presencePenalty?: number;
  /** Against tokens of the answer, each time; 0 is none. */
  readonly frequencyPenalty?: number;
  /** Added to the logits of single tokens. */
  readonly logitBias?: Readonly<Record<number, number>>;
  /** Given: each token comes with its log-probability and those of so many likeliest ones. */
  readonly topLogprobs?: number;
}

/**
 * What a text has to be, beside what the model makes likely: only tokens that go on with it are chosen. A schema is its
 * JSON text; which keywords are understood: `grammar/json-schema.ts`.
 */
export type Grammar =
  { readonly kind: 'jsonObject' } | { readonly kind: 'jsonSchema'; readonly schema: string };

/** Log-probabilities (natural) by the model's own logits, before biases, penalties and temperature. */
export interface TokenLogprobs {
  /** Of the token that was chosen. */
  readonly logprob: number;
  /** The likeliest tokens, falling. */
  readonly top: readonly TokenLogprob[];
}

export interface TokenLogprob {
  readonly token: number;
  readonly logprob: number;
}

/** Kinds of media that a model may take. */
export const modalities = ['image', 'audio', 'video'] as const;
export type Modality = (typeof modalities)[number];

/** One medium to encode, as the client sent it: a file, or a clip as the files of its frames. */
export type Medium = FileMedium | FramesMedium;

export interface FileMedium {
  readonly kind: 'file';
  readonly modality: Modality;
  readonly bytes: Uint8Array;
  /** Tokens that the model's rule gave for this medium; the engine checks that it made as many. */
  readonly tokens: number;
}

export interface FramesMedium {
  readonly kind: 'frames';
  readonly modality: 'video';
  /** An image file for each frame, in the order of time; at least one. */
  readonly frames: readonly Uint8Array[];
  /** As of `FileMedium`. */
  readonly tokens: number;
}

/** Result for one item of a batch: items fail one by one, never their neighbours. */
export type Outcome<Value> =
  | { readonly kind: 'done'; readonly value: Value }
  | { readonly kind: 'failed'; readonly fault: Fault };

/** Names an embedding by all that it is a function of. */
export interface EmbeddingName {
  /** Of the prepared numbers, their shape and type, the modality, and the scope. */
  readonly contentKey: string;
  /** Of the engine that encodes the batch: a switch of precision may have come between the call and its turn. */
  readonly scope: string;
}

/**
 * Asked for each medium of a batch once it is prepared, before it is encoded. An embedding that it returns is taken
 * instead of making one.
 */
export type KnownEmbedding = (index: number, name: EmbeddingName) => Embedding | undefined;

/** Encode: media to embeddings. */
export interface EncodeEngine {
  /** Most media in one batch. */
  readonly batchMax: number;
  /** Names the model, its precision and how media are prepared: equal media have equal embeddings where it is equal. */
  readonly scope: string;
  /** With `known`, media of one batch with the same content are encoded once. */
  encode(
    media: readonly Medium[],
    signal: AbortSignal,
    known?: KnownEmbedding,
  ): Promise<readonly Outcome<Embedding>[]>;
  close(): Promise<void>;
}

/** A medium of a prompt, as far as its place in a prefix goes. */
export interface PrefixMedium {
  /** What its embedding was made from and by; empty where that is not known. */
  readonly key: string;
  /** Tokens that its encoder made. */
  readonly tokens: number;
}

export interface PrefillInput {
  /**
   * The prompt, media placeholders already expanded to the number of tokens that their embeddings have (one for a medium
   * that cross-attention sees), then the tokens generated so far. A placeholder among those is a word like any other.
   */
  readonly tokenIds: Int32Array;
  /** Embeddings in the order of their placeholders. */
  readonly embeddings: readonly Embedding[];
  readonly sampling: Sampling;
  readonly grammar?: Grammar | undefined;
  /** Index of the token that will be sampled, from 0: the number of generated tokens that `tokenIds` ends with. */
  readonly tokenIndex: number;
  /**
   * What each embedding was made from, as its encoder names it (`contentKey`). Only a prompt that says so of all its
   * media shares their rows with earlier ones. An embedding may then be left empty where the engine was said to hold its
   * rows; if it does not after all, it rejects with `not_found`.
   */
  readonly media?: readonly PrefixMedium[];
}

export interface PrefillOutput {
  readonly token: number;
  /** Tokens of the prompt that did not have to be run. */
  readonly cachedTokens?: number;
  /** Whether `token` is an end mark and no part of the text. */
  readonly endOfText: boolean;
  /** Time before its first turn in the engine, in milliseconds. */
  readonly waitedMs: number;
  /** If the sampling asks for them. */
  readonly logprobs?: TokenLogprobs | undefined;
  /**
   * The tokens of `tokenIds` with -1 where an embedding stood, if choosing further tokens depends on them: it travels
   * with the KV cache and goes into `DecodeStart`.
   */
  readonly history?: Int32Array | undefined;
  /**
   * One key and one value tensor a layer, each [kvHeads, promptTokens, headSize], named past_key_values.i.key|value. With
   * cross-attention also the cross_key_values.i.key|value of the media that the next tokens see, side by side.
   */
  readonly kvCache: readonly Tensor[];
}

/** The KV caches of earlier prompts, of which a prompt that begins alike runs the rest only. */
export interface PrefixCache {
  readonly blockTokens: number;
  /** How many media of a prompt, from the first on, need no embedding as far as is known when it is run. */
  heldMedia(prompt: Pick<PrefillInput, 'tokenIds' | 'tokenIndex' | 'media'>): number;
  /** Routing keys of the blocks held. */
  keys(): readonly string[];
  /** What came and went since it was last asked. */
  changes(): { readonly added: readonly string[]; readonly removed: readonly string[] };
  status(): PrefixCacheStatus;
}

export interface PrefixCacheStatus {
  readonly name: 'prefix';
  readonly entries: number;
  readonly bytes: number;
  readonly bytesMax: number;
  readonly hits: number;
  readonly misses: number;
  readonly evictions: number;
  readonly coalesced: number;
}

/** Prefill: a prompt to its first token and its KV cache. Several may be given at once: the engine shares its time. */
export interface PrefillEngine {
  /** Absent where the engine keeps none. */
  readonly prefixes?: PrefixCache;
  prefill(input: PrefillInput, signal: AbortSignal): Promise<PrefillOutput>;
  close(): Promise<void>;
}

/** A sequence that joins the running batch. */
export interface DecodeStart {
  readonly kvCache: readonly Tensor[];
  /**
   * Nobody else uses the memory of `kvCache`, and the caller will not again: an engine with a thread may take it there
   * instead of a copy.
   */
  readonly kvCacheGiven?: boolean | undefined;
  /** The last token generated, not yet in `kvCache`. */
  readonly token: number;
  /** Index of `token` among the generated tokens, from 0. */
  readonly tokenIndex: number;
  /** Most tokens to generate after `token`; at least 1. */
  readonly tokensMax: number;
  readonly sampling: Sampling;
  readonly grammar?: Grammar | undefined;
  /** What prefill gave as `history`: the tokens that `kvCache` was made of. */
  readonly history?: Int32Array | undefined;
}

export interface DecodedToken {
  readonly sequence: string;
  readonly token: number;
  /** If the sampling asks for them. */
  readonly logprobs?: TokenLogprobs | undefined;
  readonly tokenIndex: number;
  /** `endOfText`: the token is an end mark and no part of the text. `length`: it is the last one allowed. */
  readonly finish: 'endOfText' | 'length' | undefined;
}

/** What a sequence takes of a decode engine's KV memory. */
export interface KvFootprint {
  /** Tokens of its own cache; a step needs room for one more than there are. */
  readonly tokens: number;
  /** Tokens of media that cross-attention sees; 0 where media are part of the context. */
  readonly mediaTokens: number;
}

/** Memory for KV caches. The engine's caller keeps the batch within it: it joins and takes out accordingly. */
export interface KvMemory {
  readonly bytesMax: number;
  /** Bytes that a batch of these sequences takes. */
  bytesOf(batch: readonly KvFootprint[]): number;
}

/**
 * Decode: one running batch of fixed slots. `join` and `leave` take effect at the next step. The caller drives it:
 * it calls `step` while sequences are in the batch, one call at a time.
 */
export interface DecodeEngine {
  readonly slots: number;
  /** Longest context (prompt and generated) of a slot in tokens. */
  readonly contextMax: number;
  readonly kv: KvMemory;
  /** Puts a sequence into a free slot. Rejects with `saturated` when none is free, or no memory. */
  join(sequence: string, start: DecodeStart): Promise<void>;
  /** Frees the slot; unknown sequences are ignored. */
  leave(sequence: string): Promise<void>;
  /**
   * The next token of each sequence in the batch, or the next few, in order, where an engine has run ahead of its caller;
   * then one that has just joined may have to wait for the next call. A finished sequence has left when this resolves.
   * `alone`: no further step is run before it is asked for.
   */
  step(alone?: boolean): Promise<readonly DecodedToken[]>;
  close(): Promise<void>;
}

/** What the router and the services need to know of a model without running it. */
export interface ModelFacts {
  /** Name by which clients ask for it. */
  readonly name: string;
  /**
   * `decoder-only`: media tokens stand in the prompt and go through every layer. `cross-attention`: a medium is one token
   * in the prompt; what the encoder made of it is seen by some layers only and is no part of the context.
   */
  readonly architecture: 'decoder-only' | 'cross-attention';
  readonly hiddenSize: number;
  readonly vocabularySize: number;
  /** Longest prompt plus answer in tokens. */
  readonly contextMax: number;
  readonly endOfTextTokens: readonly number[];
  /** Bytes of KV cache a token of the context. */
  readonly kvBytesPerToken: number;
  /** Bytes of keys and values of a media token that cross-attention sees, beside the context; else 0. */
  readonly crossKvBytesPerToken: number;
  /** Kinds of media that it takes; others are refused by name. */
  readonly modalities: readonly Modality[];
  /** Tokens that stand for a row of an embedding each. */
  readonly placeholders: readonly number[];
}

/** Part of a message, in reading order. Media are given by their size, which is all that counting needs. */
export type PromptPart = { readonly kind: 'text'; readonly text: string } | MediaPart;

/** A medium in a prompt; its `kind` is its modality. */
export type MediaPart =
  | { readonly kind: 'image'; readonly widthPx: number; readonly heightPx: number }
  /** Samples of one channel at the file's own rate. */
  | { readonly kind: 'audio'; readonly samples: number; readonly sampleRateHz: number }
  /** Frames are undefined for containers whose tables only the encoder reads. */
  | { readonly kind: 'video'; readonly frames: number | undefined };

export interface PromptMessage {
  readonly role: 'system' | 'user' | 'assistant';
  readonly parts: readonly PromptPart[];
}

export interface Prompt {
  /** Token ids with media placeholders expanded. */
  readonly tokenIds: Int32Array;
  /** Tokens that the encoder makes of each medium, in the order of the parts. */
  readonly mediaTokens: readonly number[];
  /** Tokens of `tokenIds` that are no row of an embedding. */
  readonly textTokens: number;
}

/** Text side of a model: chat template, tokenizer, media token rule. Light enough for the router's process. */
export interface TextModel {
  readonly facts: ModelFacts;
  /**
   * Tokens of one medium by the model's own rule. Faults: `unsupported` for a modality that it does not take,
   * `invalid_argument` for a medium that is too long for it.
   */
  tokensOf(part: MediaPart): number;
  /**
   * Renders and tokenizes a conversation. Faults: `invalid_argument` for a message that the template refuses or for
   * text that contains a media placeholder or another special token of the model as text.
   */
  prompt(messages: readonly PromptMessage[]): Prompt;
  /** A decoder of one token stream; `push` returns the text that has become certain (whole characters). */
  detokenizer(): { push(token: number): string; end(): string };
  /** What a token stands for; of a special token, its spelling. Characters may begin in one and end in another. */
  tokenBytes(token: number): Uint8Array;
  /** Whether its answers can be held to a grammar. */
  readonly takesGrammars: boolean;
}
