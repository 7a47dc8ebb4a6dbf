import type { DecodedToken, DecodeStart } from '../contract.ts';
import type { RunnerKind } from './runner-kind.ts';
import type { GraphOptions } from './session.ts';

export interface DecodeBatchOptions extends GraphOptions {
  readonly slots: number;
  readonly contextMax: number;
  /** Tokens that the KV cache has room for, over all sequences. */
  readonly kvTokensMax: number;
  /** Most steps that are run before they are asked for. */
  readonly stepsAheadMax: number;
  /** How long tokens of steps wait for those of further ones, in milliseconds. */
  readonly stepsTogetherMs: number;
  /** How to run batches; chosen by trial if not given. */
  readonly runner: RunnerKind | undefined;
}

/** Calls of the decode thread. */
export type DecodeCalls = {
  readonly load: { readonly request: DecodeBatchOptions; readonly response: RunnerKind };
  readonly join: {
    readonly request: { readonly sequence: string; readonly start: DecodeStart };
    readonly response: null;
  };
  readonly leave: { readonly request: string; readonly response: null };
  readonly step: {
    readonly request: { readonly alone: boolean };
    readonly response: readonly DecodedToken[];
  };
};
