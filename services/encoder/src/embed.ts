import type { EncodeEngine } from '@isotherm/engine';
import { Fault } from '@isotherm/kernel';
import type { EncodeJob, LeaseRequest, TimingInput } from '@isotherm/proto';
import { payloadDigest, type Peers, pull } from '@isotherm/rpc';
import {
  type CachedEmbedding,
  createEmbeddingCache,
  type EmbeddingCache,
} from './cache/embedding-cache.ts';
import { createSharedWork } from './cache/shared-work.ts';
import { createEncodeBatcher } from './encode-batcher.ts';
import { mediumOf } from './medium-of.ts';

/** An embedding, and where the time of getting it went. */
export interface Embedded {
  readonly embedding: CachedEmbedding;
  readonly timing: Omit<Required<TimingInput>, 'laneWaitMs'>;
}

/** Gets the embeddings of media: from the cache, from work that is under way, or from the engine. */
export interface Embedder {
  readonly cache: EmbeddingCache;
  /** Faults: those of the engine and of pulling. */
  embed(job: EncodeJob, peers: Peers, signal: AbortSignal): Promise<Embedded>;
  /** Only what the cache holds. */
  held(request: LeaseRequest): CachedEmbedding | undefined;
}

export interface EmbedderOptions {
  readonly engine: EncodeEngine;
  /** Largest medium that is pulled, in bytes. */
  readonly payloadBytesMax: number;
  readonly cacheBytesMax: number;
}

export const createEmbedder = (options: EmbedderOptions): Embedder => {
  const { engine, payloadBytesMax: bytesMax } = options;
  const cache = createEmbeddingCache({ bytesMax: options.cacheBytesMax });
  const shared = createSharedWork<Embedded>();
  const batcher = createEncodeBatcher(engine, (contentKey, { tokens }) =>
    cache.findContent(contentKey, tokens),
  );

  const make = async (job: EncodeJob, peers: Peers, signal: AbortSignal): Promise<Embedded> => {
    const { media, modality, tokens, deadlineMs } = job;
    if (media === null) throw new Fault('internal', 'An encode job came without a medium.');
    const startMs = performance.now();
    const payload = await pull(peers, media, { deadlineMs, signal, bytesMax });
    const digest = await payloadDigest(payload);
    if (media.digest !== '' && media.digest !== digest) {
      throw new Fault('internal', 'A medium is not what its digest says.');
    }
    const pullMs = performance.now() - startMs;
    const made = await batcher.encode(mediumOf(job, payload), job.requestId, signal);
    // The scope of the engine that had the medium, which need not be that of the one it was given to.
    const { queueMs, engineMs, batch, contentKey, scope, known } = made;
    if (!known) cache.missed();
    const embedding = cache.keep(
      { modality, digest, scope },
      { contentKey, tokens, payload: { tensors: made.embedding, attributes: {} } },
    );
    const cachedTokens = known ? tokens : 0;
    return { embedding, timing: { pullMs, queueMs, engineMs, batch, cachedTokens } };
  };

  return {
    cache,
    embed: async (job, peers, signal) => {
      const { modality, tokens } = job;
      const digest = job.media?.digest ?? '';
      const { scope } = engine;
      // Without a digest nobody can tell that another has the same medium.
      if (digest === '') return make(job, peers, signal);
      const embedding = cache.find({ modality, digest, scope }, tokens);
      if (embedding !== undefined) return { embedding, timing: timingOfHit(tokens) };
      const key = [digest, modality, tokens, scope].join(' ');
      const work = (own: AbortSignal): Promise<Embedded> => make(job, peers, own);
      const { value, joined } = await shared.run(key, work, signal);
      if (!joined) return value;
      cache.coalesced();
      return { ...value, timing: { ...value.timing, cachedTokens: tokens } };
    },
    held: ({ modality, digest, tokens }) =>
      cache.find({ modality, digest, scope: engine.scope }, tokens),
  };
};

const timingOfHit = (tokens: number): Embedded['timing'] => ({
  pullMs: 0,
  queueMs: 0,
  engineMs: 0,
  batch: 1,
  cachedTokens: tokens,
});
