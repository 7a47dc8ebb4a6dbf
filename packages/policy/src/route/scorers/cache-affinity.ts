import type { InstanceView, RouteRequest, Scorer } from '../contract.ts';
import { greatestOf, leastOf, pendingLoad } from './pending-tokens.ts';

export interface CacheAffinityOptions {
  readonly name: string;
  /** Whether it has something to say of a piece of work; all others score 0 everywhere. */
  concerns(request: RouteRequest): boolean;
  /** How much of the work an instance need not do, from 0 to 1. */
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
  concerns: (request) => options.concerns(request),
  score: (instances, request) => {
    if (!options.concerns(request)) return instances.map(() => 0);
    const loads = instances.map(pendingLoad);
    const least = leastOf(loads);
    const saved = instances.map((instance, row) => {
      const ahead = (loads[row] ?? 0) - least;
      const patience = options.patience / Math.max(1, instance.capacity);
      // Too far ahead even for one that has all of it: no need to look, which is what costs most here.
      if (ahead > patience * request.tokens) return 0;
      const share = options.shareOf(instance, request);
      if (share === 0 || share < options.shareMin) return 0;
      const tokens = share * request.tokens;
      return ahead > patience * tokens ? 0 : tokens;
    });
    const best = greatestOf(saved);
    return saved.map((tokens) => (best === 0 ? 0 : tokens / best));
  },
});
