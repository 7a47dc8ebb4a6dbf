import { cacheAffinityScorer } from './cache-affinity.ts';

/**
 * Prefers the encoder that holds the embedding of a medium. What it holds it hands out past its queue, so its load
 * counts for little: it only keeps one encoder from serving the transfers of everybody.
 */
export const embeddingCacheAffinityScorer = cacheAffinityScorer({
  name: 'embedding-cache-affinity',
  concerns: ({ stage, cacheKeys }) => stage === 'encode' && cacheKeys.length > 0,
  shareOf: (instance, { cacheKeys }) =>
    cacheKeys.filter((key) => instance.cacheKeys.has(key)).length / cacheKeys.length,
  shareMin: 0.5,
  patience: 16,
});
