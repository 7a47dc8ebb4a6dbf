import type { EncodeEngine, Pace, Supervised } from '@isotherm/engine';
import { Fault } from '@isotherm/kernel';
import type { EncodeJob, EncoderEventInput, HandleInput, LeaseRequest } from '@isotherm/proto';
import { protos, unaryHandler } from '@isotherm/rpc';
import {
  type JobContext,
  keepForPeers,
  levers,
  type Loadable,
  neverFails,
  type StageDefinition,
  type StageResources,
} from '@isotherm/stage';
import type { CachedEmbedding } from './cache/embedding-cache.ts';
import { createEmbedder, type Embedder } from './embed.ts';

export interface EncodeStageOptions {
  readonly engine: EncodeEngine & Partial<Supervised> & { readonly pace?: Pace };
  /** What its engine can load. */
  readonly loadable?: readonly Loadable[];
  readonly model: string;
  readonly contextMax: number;
  readonly payloadBytesMax: number;
  /** Most bytes of embeddings kept for media that come again; 0 keeps none. */
  readonly cacheBytesMax: number;
}

/**
 * The encode stage: pulls a medium from the router, encodes it, keeps the embedding for prefill instances, and for the
 * next request with the same medium.
 */
export const encodeStage = (
  options: EncodeStageOptions,
): StageDefinition<EncodeJob, EncoderEventInput> => {
  const { engine, model, contextMax, cacheBytesMax } = options;
  const embedder = createEmbedder(options);
  return {
    stage: 'encode',
    service: protos.isotherm.encoder.v1.EncoderService.service,
    model,
    get capacity() {
      return engine.batchMax;
    },
    contextMax,
    tokensOf: (job) => job.tokens,
    run: (job, context) => encode(job, context, embedder),
    ...levers(engine, options.loadable),
    engineFailed: engine.failed ?? neverFails,
    closeEngine: () => engine.close(),
    ...(cacheBytesMax > 0 && { cache: embedder.cache }),
    calls: (resources) => ({
      Lease: unaryHandler(async (request: LeaseRequest, late) => {
        // A process that stood still finds what it was asked and that it was given up in one heap: a turn of the event
        // loop tells them apart.
        await new Promise((resolve) => setImmediate(resolve));
        if (late()) throw new Fault('deadline_exceeded', 'Nobody waits for this lease any more.');
        return { embedding: lease(request, resources, embedder, model) };
      }),
    }),
  };
};

const encode = async (
  job: EncodeJob,
  context: JobContext<EncoderEventInput>,
  embedder: Embedder,
): Promise<void> => {
  const { laneWaitMs, peers, signal } = context;
  const { embedding, timing } = await embedder.embed(job, peers, signal).catch((error: unknown) => {
    throw atParam(error, job.param);
  });
  signal.throwIfAborted();
  const handle = keep(embedding, context, job, embedder);
  const { jobId, requestId } = job;
  context.emit({
    encoded: { jobId, requestId, embedding: handle, timing: { laneWaitMs, ...timing } },
  });
};

/** Hands out what the cache holds. */
const lease = (
  request: LeaseRequest,
  resources: StageResources,
  embedder: Embedder,
  model: string,
): HandleInput => {
  if (!resources.watches(request.routerId)) {
    throw new Fault('unavailable', `Router ${request.routerId} does not watch this instance.`);
  }
  if (request.deadlineMs <= Date.now()) {
    throw new Fault('deadline_exceeded', 'The deadline of the request has passed.');
  }
  const embedding = request.model === model ? embedder.held(request) : undefined;
  if (embedding === undefined) {
    throw new Fault('not_found', 'No embedding of this medium is held here.');
  }
  return keep(embedding, resources, request, embedder, request.leaseId);
};

/** Under a lease, which pins it in the cache until it ends. */
const keep = (
  { contentKey, tokens, payload }: CachedEmbedding,
  context: Parameters<typeof keepForPeers>[0],
  job: Parameters<typeof keepForPeers>[1],
  { cache }: Embedder,
  leaseId = '',
): HandleInput => {
  const ended = cache.pin(contentKey);
  try {
    return keepForPeers(context, job, payload, { tokens, digest: contentKey, leaseId, ended });
  } catch (error) {
    ended();
    throw error;
  }
};

/** A bad medium is the client's fault at one field of the request: say which. */
const atParam = (thrown: unknown, param: string): Fault => {
  const fault = Fault.from(thrown);
  return new Fault(fault.code, fault.message, { param, cause: fault });
};
