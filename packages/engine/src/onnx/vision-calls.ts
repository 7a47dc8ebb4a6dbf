import type { Tensor } from '../contract.ts';
import type { FaultRecord } from '../thread/protocol.ts';
import type { GraphOptions } from './session.ts';

/** An `Outcome` in a form that crosses threads. */
export type OutcomeRecord<Value> =
  | { readonly kind: 'done'; readonly value: Value }
  | { readonly kind: 'failed'; readonly fault: FaultRecord };

/** A picture ready for the vision graph: [tiles, channels, height, width], one tile for most models. */
export interface Picture {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** Calls of the media thread: files to pictures. */
export type MediaCalls = {
  readonly load: { readonly request: { readonly modelDir: string }; readonly response: null };
  readonly prepare: {
    readonly request: readonly Uint8Array[];
    readonly response: readonly OutcomeRecord<Picture>[];
  };
};

/** Calls of the vision thread: pictures to embeddings [tokens, hiddenSize]. */
export type VisionCalls = {
  readonly load: { readonly request: GraphOptions; readonly response: null };
  readonly encode: {
    readonly request: readonly Picture[];
    readonly response: readonly OutcomeRecord<Tensor>[];
  };
};
