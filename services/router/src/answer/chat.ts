import type { Modality, Sampling, Grammar } from '@isotherm/engine/text';
import type { SloClassName } from '@isotherm/policy';

/** A chat request as both doors (HTTP and gRPC) hand it in; `param` of a part is the field as its client spells it. */
export interface ChatRequest {
  /** Empty takes the model served. */
  readonly model: string;
  readonly messages: readonly ChatMessage[];
  readonly tokensMax: number | undefined;
  readonly sampling: SamplingRequest;
  readonly seed: number | undefined;
  /** Strings before which the text ends. */
  readonly stop: readonly string[];
  /** What the answer has to be; undefined for any text. */
  readonly format: AnswerFormat | undefined;
  /** Unix time in milliseconds; undefined takes the router's default timeout. */
  readonly deadlineMs: number | undefined;
  /** Who it is counted for; absent: the default tenant. */
  readonly tenant?: string;
  /** How urgent it is; absent: standard. */
  readonly sloClass?: SloClassName;
}

/** A grammar, and the request field that asks for it, as the client spells it: faults name places below it. */
export interface AnswerFormat {
  readonly grammar: Grammar;
  readonly param: string;
}

/** How the client wants tokens to be chosen; the seed is fixed at admission. */
export type SamplingRequest = Omit<Sampling, 'seed'>;

export interface ChatMessage {
  readonly role: 'system' | 'user' | 'assistant';
  readonly parts: readonly ChatPart[];
  readonly param: string;
}

export type ChatPart =
  | { readonly kind: 'text'; readonly text: string; readonly param: string }
  | {
      readonly kind: 'file';
      readonly modality: Modality;
      readonly bytes: Uint8Array;
      /** The type that the client declared, if it declared one. */
      readonly mimeType: string | undefined;
      readonly param: string;
    }
  | {
      /** A clip as an image file for each frame. */
      readonly kind: 'frames';
      readonly modality: 'video';
      readonly frames: readonly Uint8Array[];
      readonly param: string;
    };
