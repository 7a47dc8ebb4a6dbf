import { cacheAffinityScorer } from './cache-affinity.ts';

/**
 * Prefers the prefill instance in whose process the embeddings of the prompt lie: it takes them by reference, without a
 * copy or a call. That saves a transfer and no computation, so the patience is small: an eighth of the tokens that need
 * not travel. Prefill is chosen when the embeddings are there, so this is known, not guessed.
 */
export const inputAffinityScorer = cacheAffinityScorer({
  name: 'input-affinity',
  concerns: ({ stage, tokens, inputTokens }) =>
    stage === 'prefill' && tokens > 0 && inputTokens !== undefined && inputTokens.size > 0,
  shareOf: ({ processId = '' }, { tokens, inputTokens }) =>
    Math.min(1, (inputTokens?.get(processId) ?? 0) / tokens),
  shareMin: 0,
  patience: 1 / 8,
});
