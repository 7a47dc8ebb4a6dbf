import type { Embedding, Medium, Modality } from '../contract.ts';
import type { FaultRecord } from '../thread/protocol.ts';
import type { GraphOptions } from './session.ts';

/** An `Outcome` in a form that crosses threads. */
export type OutcomeRecord<Value> =
  | { readonly kind: 'done'; readonly value: Value }
  | { readonly kind: 'failed'; readonly fault: FaultRecord };

/** A medium ready for the graph of its modality. */
export interface PreparedMedium {
  readonly modality: Modality;
  /** An image is [tiles, channels, height, width], one tile for most models. */
  readonly shape: readonly number[];
  readonly data: Float32Array;
  /** Of `shape` and `data`. */
  readonly digest: string;
}

/** Calls of the media thread: files to what the graphs take. */
export type MediaCalls = {
  readonly load: {
    readonly request: Pick<GraphOptions, 'modelDir' | 'precision'>;
    /** The digest of all that makes an embedding of a prepared medium. */
    readonly response: { readonly modelDigest: string };
  };
  readonly prepare: {
    readonly request: readonly Medium[];
    readonly response: readonly OutcomeRecord<PreparedMedium>[];
  };
};

/** Calls of the encoder thread: media of one modality and shape to embeddings. */
export type EncoderCalls = {
  readonly load: { readonly request: GraphOptions; readonly response: null };
  readonly encode: {
    readonly request: readonly PreparedMedium[];
    readonly response: readonly OutcomeRecord<Embedding>[];
  };
};
