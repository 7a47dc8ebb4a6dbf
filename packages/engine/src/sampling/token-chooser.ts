import { Fault } from '@isotherm/kernel';
import type { DecodeStart, Sampling, TokenLogprobs } from '../contract.ts';
import type { Grammars } from '../grammar/grammars.ts';
import type { GrammarState } from '../grammar/token-grammar.ts';
import { sampleToken } from './sample-token.ts';
import { hasPenalties, needsHistory } from './token-history.ts';
import { tokenLogprobs } from './token-logprobs.ts';
import { createTokenPenalties, type TokenPenalties } from './token-penalties.ts';

/** What a sequence depends on beside its KV cache, where it starts or goes on. */
export interface ChooserStart {
  readonly sampling: Sampling;
  /** Tokens so far, as `historyOf` gives them; needed only if `needsHistory` says so. */
  readonly history: Int32Array | undefined;
  /** How many tokens at the end of the history were generated. */
  readonly generated: number;
  /** Where the sequence stands in its grammar, if it has one. */
  readonly grammar?: GrammarState | undefined;
}

export interface ChosenToken {
  readonly token: number;
  readonly logprobs: TokenLogprobs | undefined;
}

/** Chooses the tokens of one sequence, one after the other. */
export interface TokenChooser {
  /** The token at `tokenIndex`, from the model's logits; they are left as they are. */
  choose(logits: Float32Array, tokenIndex: number): ChosenToken;
}

/**
 * In this order (vLLM's): log-probabilities are read off the model's own logits; what the grammar does not allow goes;
 * biases are added; penalties are taken
 * off; temperature 0 takes the highest; else temperature, min-p, top-k, top-p, and the draw. All of it is a function of
 * logits, sampling, history and token index, so a sequence goes on elsewhere as it would have here.
 */
export const createTokenChooser = (start: ChooserStart): TokenChooser => {
  const { sampling, grammar } = start;
  const biases = Object.entries(sampling.logitBias ?? {}).map(
    ([token, bias]) => [Number(token), bias] as const,
  );
  const penalties = penaltiesOf(start);
  const adjusted = (logits: Float32Array): Float32Array => {
    if (biases.length === 0 && penalties === undefined && grammar === undefined) return logits;
    const copy = logits.slice();
    if (grammar !== undefined) forbid(copy, grammar.allowed());
    for (const [token, bias] of biases) {
      if (token < copy.length) copy[token] = (copy[token] ?? 0) + bias;
    }
    penalties?.apply(copy);
    return copy;
  };
  return {
    choose: (logits, tokenIndex) => {
      const token = sampleToken(adjusted(logits), sampling, tokenIndex);
      penalties?.add(token);
      grammar?.accept(token);
      const { topLogprobs } = sampling;
      const logprobs =
        topLogprobs === undefined ? undefined : tokenLogprobs(logits, token, topLogprobs);
      return { token, logprobs };
    },
  };
};

/** The chooser of a sequence that joins a running batch: its last token is not in its history yet. */
export const resumeTokenChooser = async (
  start: DecodeStart,
  grammars: Grammars,
): Promise<TokenChooser> => {
  const { sampling, history, token, tokenIndex } = start;
  if (history === undefined && needsHistory(sampling, start.grammar)) {
    const problem = 'Penalties and grammars need the tokens so far, and none came along.';
    throw new Fault('invalid_argument', problem);
  }
  const generated = tokenIndex + 1;
  const said = history === undefined ? undefined : Int32Array.from([...history, token]);
  const grammar =
    start.grammar === undefined || said === undefined
      ? undefined
      : await grammars.stateOf(start.grammar, said.subarray(said.length - generated));
  return createTokenChooser({ sampling, history: said, generated, grammar });
};

/** Takes the tokens out whose bit is not set. */
const forbid = (logits: Float32Array, allowed: Uint32Array): void => {
  for (let token = 0; token < logits.length; token++) {
    const bit = ((allowed[token >>> 5] ?? 0) >>> (token & 31)) & 1;
    if (bit === 0) logits[token] = Number.NEGATIVE_INFINITY;
  }
};

const penaltiesOf = ({ sampling, history, generated }: ChooserStart): TokenPenalties | undefined =>
  hasPenalties(sampling)
    ? createTokenPenalties(sampling, history ?? new Int32Array(0), generated)
    : undefined;
