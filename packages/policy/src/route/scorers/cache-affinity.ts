import type { Stage } from '@isotherm/kernel';
import type { InstanceView, RouteRequest, Scorer } from '../contract.ts';
import { pendingLoad } from './pending-tokens.ts';

export interface CacheAffinityOptions {
  readonly name: string;
  /** The stage whose caches it knows; work of others scores 0 everywhere. */
  readonly stage: Stage;
  /** How much of the work an instance has in its cache, from 0 to 1. */
  shareOf(instance: InstanceView, request: RouteRequest): number;
  /** A smaller share than this is not worth a detour. */
  readonly shareMin: number;
  /**
   * The hot spot's guard. An instance may have this many times as many tokens pending, above the least loaded, as its
   * cache saves; past that its cache counts for nothing, the work goes elsewhere, and elsewhere holds it next time.
   */
  readonly patience: number;
}

/**
 * Rates instances by how many tokens of the work their caches save, against the best of them. Reuse is only worth a
 * wait that is shorter than doing the work anew, so the guard compares tokens with tokens.
 */
export const cacheAffinityScorer = (options: CacheAffinityOptions): Scorer => ({
  name: options.name,
  score: (instances, request) => {
    if (request.stage !== options.stage || request.cacheKeys.length === 0) {
      return instances.map(() => 0);
    }
    const loads = instances.map(pendingLoad);
    const least = Math.min(...loads);
    const saved = instances.map((instance, row) => {
      const share = options.shareOf(instance, request);
      if (share === 0 || share < options.shareMin) return 0;
      const tokens = share * request.tokens;
      const patience = (options.patience * tokens) / Math.max(1, instance.capacity);
      return (loads[row] ?? 0) - least > patience ? 0 : tokens;
    });
    const best = Math.max(...saved);
    return saved.map((tokens) => (best === 0 ? 0 : tokens / best));
  },
});
