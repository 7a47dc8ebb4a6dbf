import { cacheAffinityScorer } from './cache-affinity.ts';

/**
 * Prefers the prefill instance that holds the KV cache of the longest beginning of the prompt: it runs the rest only.
 * Blocks behind the first that is missing are of no use.
 */
export const prefixAffinityScorer = cacheAffinityScorer({
  name: 'prefix-affinity',
  concerns: ({ stage, cacheKeys }) => stage === 'prefill' && cacheKeys.length > 0,
  shareOf: (instance, { cacheKeys }) => {
    const missing = cacheKeys.findIndex((key) => !instance.cacheKeys.has(key));
    return missing < 0 ? 1 : missing / cacheKeys.length;
  },
  shareMin: 0.1,
  patience: 1,
});
