import type { Grammar, Sampling } from '../contract.ts';

/** Stands in a history where the embedding of a medium stood in the prompt: no token was said there. */
export const mediaPosition = -1;

/** Whether choosing a token depends on the tokens before it: only then do they have to travel. */
export const needsHistory = (sampling: Sampling, grammar: Grammar | undefined): boolean =>
  grammar !== undefined || hasPenalties(sampling);

export const hasPenalties = (sampling: Sampling): boolean =>
  (sampling.repetitionPenalty ?? 1) !== 1 ||
  (sampling.presencePenalty ?? 0) !== 0 ||
  (sampling.frequencyPenalty ?? 0) !== 0;

/**
 * The tokens of a prompt with what was generated behind it. Placeholders in the prompt become `mediaPosition`; among
 * the last `generated` tokens a placeholder is a word like any other.
 */
export const historyOf = (
  tokenIds: Int32Array,
  generated: number,
  isPlaceholder: (token: number) => boolean,
): Int32Array =>
  tokenIds.map((token, position) =>
    position < tokenIds.length - generated && isPlaceholder(token) ? mediaPosition : token,
  );
