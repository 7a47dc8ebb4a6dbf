import type { Sampling } from '@isotherm/engine/text';
import type { RequestId } from '@isotherm/kernel';

/** An image that passed inspection. */
export interface AdmittedImage {
  readonly bytes: Uint8Array;
  /** Tokens by the model's own rule. */
  readonly tokens: number;
  /** The request field that holds it, as the client spells it. */
  readonly param: string;
}

/** A request that has been validated, counted and given its bounds; nothing of it can fail for what it asks. */
export interface AdmittedRequest {
  readonly id: RequestId;
  readonly model: string;
  /** The prompt with media placeholders expanded. */
  readonly tokenIds: Int32Array;
  readonly images: readonly AdmittedImage[];
  /** Most tokens to generate. */
  readonly tokensMax: number;
  /** The seed is fixed here, so that a migrated request draws the same tokens. */
  readonly sampling: Sampling;
  /** Unix time in milliseconds. */
  readonly deadlineMs: number;
}
