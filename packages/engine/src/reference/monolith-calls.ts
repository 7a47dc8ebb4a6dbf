import type { Grammar, Modality, Sampling, TokenLogprobs } from '../contract.ts';
import type { Precision } from '../model-folder/precision.ts';

export type MonolithPart =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: Modality; readonly bytes: Uint8Array }
  | { readonly kind: 'frames'; readonly frames: readonly Uint8Array[] };

export interface MonolithMessage {
  readonly role: 'system' | 'user' | 'assistant';
  readonly parts: readonly MonolithPart[];
}

export interface MonolithAnswer {
  readonly text: string;
  /** All tokens generated, an end mark at the end included. */
  readonly tokens: readonly number[];
  /** One for each token, if the sampling asks for them. */
  readonly logprobs: readonly TokenLogprobs[];
}

export interface AnswerOptions {
  /** Most tokens to generate; at least 1. */
  readonly tokensMax: number;
  readonly sampling: Sampling;
  readonly grammar?: Grammar | undefined;
}

/** Calls of the monolith's thread. */
export type MonolithCalls = {
  readonly load: {
    readonly request: { readonly modelDir: string; readonly precision: Precision };
    readonly response: null;
  };
  readonly answer: {
    readonly request: {
      readonly messages: readonly MonolithMessage[];
      readonly options: AnswerOptions;
    };
    readonly response: MonolithAnswer;
  };
};
