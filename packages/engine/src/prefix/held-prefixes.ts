import { createNetChanges } from '@isotherm/kernel';
import type { PrefillInput, PrefixCache } from '../contract.ts';
import { type BlockOptions, routingKey } from './block-digests.ts';
import { digestsOf, type PrefixReport } from './prefix-store.ts';

/** What the host's thread knows of a prefix store in another one, by its reports. */
export interface HeldPrefixes extends PrefixCache {
  heard(report: PrefixReport, cachedTokens: number): void;
}

export interface HeldPrefixesOptions extends BlockOptions {
  readonly bytesMax: number;
}

export const createHeldPrefixes = (options: HeldPrefixesOptions): HeldPrefixes => {
  const { bytesMax, blockTokens } = options;
  const held = new Set<string>();
  const counts = { hits: 0, misses: 0 };
  const changes = createNetChanges();
  let last = { entries: 0, bytes: 0, evictions: 0 };
  return {
    blockTokens,
    heldMedia: (input) => {
      // With cross-attention every later token looks at the media themselves.
      if (held.size === 0 || options.architecture === 'cross-attention') return 0;
      const digests = digestsOf(input, options);
      const missing = digests.findIndex((digest) => !held.has(digest));
      const tokens = (missing < 0 ? digests.length : missing) * blockTokens;
      return mediaWithin(input, tokens, options.placeholders);
    },
    heard: (report, cachedTokens) => {
      for (const digest of report.removed) {
        held.delete(digest);
        changes.remove(routingKey(digest));
      }
      for (const digest of report.added) {
        held.add(digest);
        changes.add(routingKey(digest));
      }
      const { entries, bytes, evictions } = report;
      last = { entries, bytes, evictions };
      if (cachedTokens > 0) counts.hits += 1;
      else counts.misses += 1;
    },
    keys: () => [...held].map(routingKey),
    changes: () => changes.take(),
    status: () => ({ name: 'prefix', ...last, bytesMax, ...counts, coalesced: 0 }),
  };
};

/** How many of the media, from the first on, have all their rows within the first tokens of a prompt. */
const mediaWithin = (
  { tokenIds, media = [] }: Pick<PrefillInput, 'tokenIds' | 'media'>,
  tokens: number,
  placeholders: readonly number[],
): number => {
  const rows = tokenIds.subarray(0, tokens).filter((token) => placeholders.includes(token)).length;
  let needed = 0;
  const beyond = media.findIndex((medium) => (needed += medium.tokens) > rows);
  return beyond < 0 ? media.length : beyond;
};
