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
  readonly prefill: {
    readonly request: PrefillInput;
    readonly response: PrefillOutput & { readonly prefixes: PrefixReport | undefined };
  };
};
