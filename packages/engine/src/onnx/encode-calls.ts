import type { Embedding, Medium, Modality } from '../contract.ts';
import type { MediaLimits } from '../media/media-limits.ts';
import type { FaultRecord } from '../thread/protocol.ts';
import type { GraphOptions } from './session.ts';

/** An `Outcome` in a form that crosses threads. */
export type OutcomeRecord<Value> =
  | { readonly kind: 'done'; readonly value: Value }
  | { readonly kind: 'failed'; readonly fault: FaultRecord };

/** A medium ready for the graph of its modality. */
export interface PreparedMedium {
  readonly modality: Modality;
  /**
   * An image is [tiles, channels, height, width], one tile for most models; a sound [windows, mel bins, frames]; a clip
   * [1, frames, channels, height, width].
   */
  readonly shape: readonly number[];
  readonly data: Float32Array;
  /** Of `shape` and `data`. */
  readonly digest: string;
}

export interface PrepareOptions {
  readonly modelDir: string;
  readonly limits: MediaLimits;
}

/** Calls of a thread that prepares media of one modality: files to what the graphs take. */
export type PrepareCalls = {
  readonly load: { readonly request: PrepareOptions; readonly response: null };
  readonly prepare: {
    readonly request: readonly Medium[];
    readonly response: readonly OutcomeRecord<PreparedMedium>[];
  };
};

/** Calls of the encoder thread: media of one modality and shape to embeddings. */
export type EncoderCalls = {
  readonly load: {
    readonly request: GraphOptions;
    /** The digest of all that makes an embedding of a prepared medium. */
    readonly response: { readonly modelDigest: string };
  };
  readonly encode: {
    readonly request: readonly PreparedMedium[];
    readonly response: readonly OutcomeRecord<Embedding>[];
  };
};
