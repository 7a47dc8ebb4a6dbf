import type { PrefillInput, PrefillOutput } from '../contract.ts';
import type { PrefixReport } from '../prefix/prefix-store.ts';
import type { GraphOptions } from './session.ts';

/** How much of earlier prompts is kept, and in what parts. */
export interface PrefixBounds {
  readonly bytesMax: number;
  readonly blockTokens: number;
}

/** Calls of the prefill thread. */
export type PrefillCalls = {
  readonly load: {
    readonly request: GraphOptions & { readonly prefixes?: PrefixBounds | undefined };
    readonly response: null;
  };
  /** One turn of a prompt, which comes with its first. */
  readonly advance: {
    readonly request: {
      readonly id: number;
      readonly input: PrefillInput | undefined;
      /** Most tokens to run in this turn. */
      readonly tokens: number;
    };
    readonly response: PromptTurn;
  };
  /** Forgets a prompt that has begun. */
  readonly drop: { readonly request: number; readonly response: null };
};

export type PromptTurn =
  | { readonly kind: 'more'; readonly remainingTokens: number }
  | {
      readonly kind: 'done';
      readonly output: PrefillOutput;
      readonly prefixes: PrefixReport | undefined;
    };
