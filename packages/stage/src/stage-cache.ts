import type { CacheChangeInput, CacheStatusInput } from '@isotherm/proto';

/**
 * What a stage's cache tells the host, which tells routers: all of it when a stream opens, changes as they happen. The
 * streams are the index of caches across instances: they end with the instance, and every router has one to each.
 */
export interface StageCache {
  status(): CacheStatusInput;
  /** Keys held, in the order in which they would be dropped. */
  keys(): readonly string[];
  /** What came and went since it was last asked. */
  changes(): { readonly added: readonly string[]; readonly removed: readonly string[] };
  /** Tokens of a block of a prompt; 0 for a cache that holds whole results. */
  readonly blockTokens: number;
}

/** Most keys in one message: a router bounds what it keeps of an instance in any case. */
const keysMax = 16_384;

/** The whole cache, for a stream that opens. */
export const wholeCache = (cache: StageCache): CacheChangeInput => ({
  reset: true,
  added: cache.keys().slice(-keysMax),
  removed: [],
  blockTokens: cache.blockTokens,
});

/** Tells what has changed since it was last called, if anything has. */
export const cacheTeller =
  (cache: StageCache | undefined, tell: (change: CacheChangeInput) => void) => (): void => {
    if (cache === undefined) return;
    const { added, removed } = cache.changes();
    if (added.length === 0 && removed.length === 0) return;
    const { blockTokens } = cache;
    tell({ reset: false, added: added.slice(-keysMax), removed: [...removed], blockTokens });
  };
