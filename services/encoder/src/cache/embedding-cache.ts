import type { Embedding } from '@isotherm/engine';
import { createNetChanges } from '@isotherm/kernel';
import type { CacheStatusInput } from '@isotherm/proto';
import { type Payload, payloadBytes } from '@isotherm/rpc';
import type { StageCache } from '@isotherm/stage';
import { createPinnedStore } from './pinned-store.ts';

/** A medium by the digest of its file (or of the list of its frames). */
export interface MediumName {
  readonly modality: string;
  /** Lower-case hexadecimal SHA-256. */
  readonly digest: string;
  /** What encodes it; see `EncodeEngine.scope`. */
  readonly scope: string;
}

/** An embedding as it is leased: one object for all leases, so that its bytes are held once. */
export interface CachedEmbedding {
  /** Names what the embedding is a function of: see `KnownEmbedding` of the engine contract. */
  readonly contentKey: string;
  /** Tokens by the model's rule. */
  readonly tokens: number;
  readonly payload: Payload;
}

/**
 * Embeddings by content. They are told apart by what went into the graph (numbers, shape, type), by the graph and by
 * how media are prepared. Digests of files are a shortcut to that: a file that was seen before is not even decoded.
 */
export interface EmbeddingCache extends StageCache {
  /** By its file; counts as a hit. */
  find(medium: MediumName, tokens: number): CachedEmbedding | undefined;
  /** By what its file decodes to; counts as a hit. */
  findContent(contentKey: string, tokens: number): Embedding | undefined;
  /**
   * Keeps an embedding, if it fits, under the name of its medium too. Returns the one that is kept under this key
   * already, so that all leases share it.
   */
  keep(medium: MediumName, embedding: CachedEmbedding): CachedEmbedding;
  /** Holds an entry while it is under lease; call the result when the lease has ended. */
  pin(contentKey: string): () => void;
  missed(): void;
  coalesced(): void;
}

export interface EmbeddingCacheOptions {
  readonly bytesMax: number;
  /** Most names of one embedding: files may differ in what does not show. */
  readonly namesMax?: number;
}

const namesMaxDefault = 8;

/** The form in which routers know a name: the digest's first 16 characters. */
const routingKeyLength = 16;

export const createEmbeddingCache = (options: EmbeddingCacheOptions): EmbeddingCache => {
  const { bytesMax, namesMax = namesMaxDefault } = options;
  const names = new Map<string, string>();
  const counts = { hits: 0, misses: 0, coalesced: 0 };
  const changes = createNetChanges();

  const named = (name: string, contentKey: string): void => {
    names.set(name, contentKey);
    changes.add(routingKeyOf(name));
  };
  const unnamed = (name: string): void => {
    names.delete(name);
    changes.remove(routingKeyOf(name));
  };
  const namesOf = new Map<string, string[]>();
  const store = createPinnedStore<CachedEmbedding>({
    bytesMax,
    evicted: (contentKey) => {
      for (const name of namesOf.get(contentKey) ?? []) unnamed(name);
      namesOf.delete(contentKey);
    },
  });

  const get = (contentKey: string, tokens: number): CachedEmbedding | undefined => {
    const entry = store.get(contentKey);
    if (entry?.tokens !== tokens) return undefined;
    counts.hits += 1;
    return entry;
  };

  return {
    blockTokens: 0,
    find: (medium, tokens) => {
      const contentKey = names.get(nameOf(medium));
      return contentKey === undefined ? undefined : get(contentKey, tokens);
    },
    findContent: (contentKey, tokens) => get(contentKey, tokens)?.payload.tensors,
    keep: (medium, embedding) => {
      const { contentKey, payload } = embedding;
      const entry = store.get(contentKey) ?? embedding;
      if (!store.put(contentKey, entry, payloadBytes(payload))) return embedding;
      const name = nameOf(medium);
      if (names.has(name)) return entry;
      const own = namesOf.get(contentKey) ?? [];
      namesOf.set(contentKey, own);
      own.push(name);
      named(name, contentKey);
      while (own.length > namesMax) unnamed(own.shift() ?? '');
      return entry;
    },
    pin: (contentKey) => store.pin(contentKey) ?? (() => undefined),
    missed: () => void (counts.misses += 1),
    coalesced: () => void (counts.coalesced += 1),
    status: (): CacheStatusInput => ({
      name: 'embedding',
      entries: store.entries,
      bytes: store.bytes,
      bytesMax,
      evictions: store.evictions,
      ...counts,
    }),
    keys: () => store.keys().flatMap((key) => (namesOf.get(key) ?? []).map(routingKeyOf)),
    changes: () => changes.take(),
  };
};

const nameOf = ({ modality, digest, scope }: MediumName): string =>
  `${digest} ${modality} ${scope}`;
const routingKeyOf = (name: string): string => name.slice(0, routingKeyLength);
