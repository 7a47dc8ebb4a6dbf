import type { PrefillInput, PrefillOutput } from '../contract.ts';
import type { GraphOptions } from './session.ts';

/** Calls of the prefill thread. */
export type PrefillCalls = {
  readonly load: { readonly request: GraphOptions; readonly response: null };
  readonly prefill: { readonly request: PrefillInput; readonly response: PrefillOutput };
};
