import { median, round } from '../report/percentiles.ts';
import type { Figures } from '../report/result.ts';

/** Times to the first token in milliseconds, one a request. */
export interface CacheRuns {
  readonly missMs: readonly number[];
  readonly hitMs: readonly number[];
  /** Hits with the embedding cache alone, and with the prefix cache alone. */
  readonly onlyEmbeddingsMs: readonly number[];
  readonly onlyPrefixesMs: readonly number[];
}

export const figuresOf = (models: Readonly<Record<string, CacheRuns>>): Figures =>
  Object.fromEntries(
    Object.entries(models).flatMap(([model, runs]) => {
      const miss = median(runs.missMs);
      const hit = median(runs.hitMs);
      return [
        [`ttft_ratio_${model}`, round(miss / hit)],
        [`ttft_ratio_${model}_only_embeddings`, round(miss / median(runs.onlyEmbeddingsMs))],
        [`ttft_ratio_${model}_only_prefixes`, round(miss / median(runs.onlyPrefixesMs))],
        [`ttft_miss_p50_ms_${model}`, round(miss)],
        [`ttft_hit_p50_ms_${model}`, round(hit)],
      ];
    }),
  );
