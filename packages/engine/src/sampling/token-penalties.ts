import type { Sampling } from '../contract.ts';
import { mediaPosition } from './token-history.ts';

/** Penalties of one sequence: what it has said so far, and what that costs. */
export interface TokenPenalties {
  /** Takes the penalties off the logits, in place. */
  apply(logits: Float32Array): void;
  /** Remembers a token that was generated. */
  add(token: number): void;
}

/**
 * As vLLM and Hugging Face apply them. Repetition: the logit of a token of the prompt or of the answer is divided by the
 * penalty if it is positive and multiplied by it otherwise. Frequency and presence (OpenAI): a token of the answer loses
 * `frequencyPenalty` for each time it was said and `presencePenalty` once. `history` ends with `generated` tokens of
 * the answer.
 */
export const createTokenPenalties = (
  sampling: Sampling,
  history: Int32Array,
  generated: number,
): TokenPenalties => {
  const { repetitionPenalty = 1, presencePenalty = 0, frequencyPenalty = 0 } = sampling;
  const seen = new Set(history);
  seen.delete(mediaPosition);
  const counts = new Map<number, number>();
  const add = (token: number): void => {
    seen.add(token);
    counts.set(token, (counts.get(token) ?? 0) + 1);
  };
  for (const token of history.subarray(history.length - generated)) add(token);
  return {
    add,
    apply: (logits) => {
      if (repetitionPenalty !== 1) {
        for (const token of seen) {
          const logit = logits[token] ?? 0;
          logits[token] = logit > 0 ? logit / repetitionPenalty : logit * repetitionPenalty;
        }
      }
      for (const [token, count] of counts) {
        logits[token] = (logits[token] ?? 0) - frequencyPenalty * count - presencePenalty;
      }
    },
  };
};
