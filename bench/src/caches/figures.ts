import { median, round } from '../report/percentiles.ts';
import type { Figures } from '../report/result.ts';

/** Times to the first token in milliseconds, one a request, of hits and misses in turn. */
export interface HitsAndMisses {
  readonly hitMs: readonly number[];
  readonly missMs: readonly number[];
  /** The question without pictures: what HTTP, lanes and a prompt of some words take in any case. */
  readonly textMs: readonly number[];
}

/** The same with both caches, and with one of them alone. */
export interface CacheRuns {
  readonly both: HitsAndMisses;
  readonly onlyEmbeddings: HitsAndMisses;
  readonly onlyPrefixes: HitsAndMisses;
}

const ratio = ({ hitMs, missMs }: HitsAndMisses): number => round(median(missMs) / median(hitMs));

export const figuresOf = (models: Readonly<Record<string, CacheRuns>>): Figures =>
  Object.fromEntries(
    Object.entries(models).flatMap(([model, { both, onlyEmbeddings, onlyPrefixes }]) => [
      [`ttft_ratio_${model}`, ratio(both)],
      [`ttft_ratio_${model}_only_embeddings`, ratio(onlyEmbeddings)],
      [`ttft_ratio_${model}_only_prefixes`, ratio(onlyPrefixes)],
      [`ttft_miss_p50_ms_${model}`, round(median(both.missMs))],
      [`ttft_hit_p50_ms_${model}`, round(median(both.hitMs))],
      [`ttft_text_p50_ms_${model}`, round(median(both.textMs))],
    ]),
  );
