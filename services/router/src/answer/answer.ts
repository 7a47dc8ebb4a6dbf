import { Fault, faultTable } from '@isotherm/kernel';
import type { Handle, Prefilled, StepToken, Timing } from '@isotherm/proto';
import { bytesPayload, type LeaseStore } from '@isotherm/rpc';
import type { JobDesk, WorkDone } from '../jobs/job-desk.ts';
import type { Releaser } from '../jobs/releaser.ts';
import type { AdmittedImage, AdmittedRequest } from './admitted-request.ts';
import { createTokenQueue } from './token-queue.ts';

/** Time of one job of one stage, as the router and the instance saw it. */
export interface StageTime {
  readonly stage: 'encode' | 'prefill' | 'decode';
  readonly instance: string;
  readonly totalMs: number;
  readonly tokens: number;
  readonly timing: Timing | null;
}

export type AnswerEvent =
  | { readonly kind: 'token'; readonly token: number }
  | {
      readonly kind: 'finished';
      readonly reason: 'stop' | 'length';
      readonly stages: readonly StageTime[];
      readonly completionTokens: number;
      readonly migrations: number;
    };

export interface AnswerOptions {
  readonly desk: JobDesk;
  readonly store: LeaseStore;
  readonly releaser: Releaser;
  readonly routerId: string;
  /** Own address, for handles. */
  address(): string;
  readonly attemptsMax: number;
}

/** Leases at the router outlive the request's deadline a little, in milliseconds. */
const leaseMarginMs = 5_000;

/** An embedding at an encoder, and what made it. */
type Embedding = WorkDone<Handle>;

/**
 * The path of one request: encode all images at once, prefill when their embeddings are ready, decode when the prompt
 * is done. When a decode instance is lost, prompt plus tokens already sent are prefilled elsewhere and the answer goes
 * on where it stopped. Every lease is released however the answer ends; leaving the loop early cancels the work.
 */
export async function* answer(
  request: AdmittedRequest,
  options: AnswerOptions,
  signal: AbortSignal,
): AsyncGenerator<AnswerEvent, void, void> {
  const flow = createFlow(request, options);
  const stages: StageTime[] = [];
  const generated: number[] = [];
  const finished = (reason: 'stop' | 'length', migrations: number): AnswerEvent => ({
    kind: 'finished',
    reason,
    stages,
    completionTokens: generated.length,
    migrations,
  });
  try {
    let embeddings = await flow.encodeAll(signal, stages);
    for (let migrations = 0; ; migrations++) {
      const prefilled = await flow.prefill(embeddings, generated, signal, stages);
      embeddings = prefilled.embeddings;
      const { token, endOfText, kvCache } = prefilled.done.result;
      if (endOfText) return yield finished('stop', migrations);
      generated.push(token);
      yield { kind: 'token', token };
      if (generated.length >= request.tokensMax) {
        if (kvCache !== null) options.releaser.release(kvCache);
        return yield finished('length', migrations);
      }
      if (kvCache === null) throw new Fault('internal', 'Prefill gave no KV cache.');
      const end = yield* flow.decode(kvCache, generated, signal, stages);
      if (end.kind === 'finished') return yield finished(end.reason, migrations);
      if (migrations + 1 >= options.attemptsMax) throw end.fault;
    }
  } finally {
    flow.release();
  }
}

type DecodeEnd =
  | { readonly kind: 'finished'; readonly reason: 'stop' | 'length' }
  | { readonly kind: 'lost'; readonly fault: Fault };

interface Flow {
  encodeAll(signal: AbortSignal, stages: StageTime[]): Promise<readonly Embedding[]>;
  prefill(
    embeddings: readonly Embedding[],
    generated: readonly number[],
    signal: AbortSignal,
    stages: StageTime[],
  ): Promise<{ readonly done: WorkDone<Prefilled>; readonly embeddings: readonly Embedding[] }>;
  decode(
    kvCache: Handle,
    generated: number[],
    signal: AbortSignal,
    stages: StageTime[],
  ): AsyncGenerator<AnswerEvent, DecodeEnd, void>;
  release(): void;
}

const createFlow = (request: AdmittedRequest, options: AnswerOptions): Flow => {
  const { desk, store, releaser, routerId, attemptsMax } = options;
  const { model, deadlineMs } = request;
  const terms = { request: request.id, expiresMs: deadlineMs + leaseMarginMs };
  const contextTokens = request.tokenIds.length + request.tokensMax;
  const held: Handle[] = [];
  const common = { requestId: request.id, model, contextTokens, attemptsMax };
  const envelope = (jobId: string) => ({
    jobId,
    requestId: request.id,
    routerId,
    model,
    deadlineMs,
    enqueuedMs: Date.now(),
  });
  const ownHandle = (leaseId: string, bytes: number): Handle => ({
    leaseId,
    address: options.address(),
    ownerId: routerId,
    bytes,
    digest: '',
    tokens: 0,
  });

  const encode = async (
    image: AdmittedImage,
    signal: AbortSignal,
    stages: StageTime[],
  ): Promise<Embedding> => {
    const media = ownHandle(store.put(bytesPayload(image.bytes), terms), image.bytes.length);
    let timing: Timing | null = null;
    try {
      const done = await desk.run<Handle>(
        {
          ...common,
          stage: 'encode',
          tokens: image.tokens,
          command: (jobId) => ({
            ...envelope(jobId),
            media,
            modality: 'image',
            tokens: image.tokens,
            param: image.param,
          }),
          hear: (event) => {
            if (event.kind !== 'encoded' || event.value.embedding === null) return undefined;
            timing = event.value.timing;
            return event.value.embedding;
          },
        },
        signal,
      );
      held.push(done.result);
      const { instance, totalMs } = done;
      stages.push({ stage: 'encode', instance, totalMs, tokens: image.tokens, timing });
      return done;
    } finally {
      store.release([media.leaseId]);
    }
  };

  const prefillOnce = async (
    embeddings: readonly Embedding[],
    generated: readonly number[],
    signal: AbortSignal,
    stages: StageTime[],
  ): Promise<WorkDone<Prefilled>> => {
    const tokenIds = Int32Array.from([...request.tokenIds, ...generated]);
    const payload = {
      tensors: [
        { name: 'token_ids', dataType: 'int32', shape: [tokenIds.length], data: tokenIds } as const,
      ],
      attributes: { sampling: JSON.stringify(request.sampling) },
    };
    const prompt = ownHandle(store.put(payload, terms), tokenIds.byteLength);
    try {
      const done = await desk.run<Prefilled>(
        {
          ...common,
          stage: 'prefill',
          tokens: tokenIds.length,
          command: (jobId) => ({
            ...envelope(jobId),
            prompt,
            embeddings: embeddings.map(({ result }) => result),
            promptTokens: tokenIds.length,
            generatedTokens: generated.length,
          }),
          hear: (event) => (event.kind === 'prefilled' ? event.value : undefined),
        },
        signal,
      );
      const { instance, totalMs, result } = done;
      const tokens = tokenIds.length;
      stages.push({ stage: 'prefill', instance, totalMs, tokens, timing: result.timing });
      return done;
    } finally {
      store.release([prompt.leaseId]);
    }
  };

  return {
    encodeAll: (signal, stages) =>
      firstFault(signal, request.images, (image, own) => encode(image, own, stages)),
    prefill: async (given, generated, signal, stages) => {
      let embeddings = given;
      for (let tries = 1; ; tries++) {
        try {
          const done = await prefillOnce(embeddings, generated, signal, stages);
          return { done, embeddings };
        } catch (error) {
          const fault = Fault.from(error);
          if (fault.code !== 'not_found' || tries >= attemptsMax || signal.aborted) throw fault;
          // An encoder died with the embedding: make again what is named, keep the others.
          embeddings = await Promise.all(
            embeddings.map((embedding, index) => {
              const image = request.images[index];
              return embedding.result.leaseId === fault.param && image !== undefined
                ? encode(image, signal, stages)
                : embedding;
            }),
          );
        }
      }
    },
    decode: async function* (kvCache, generated, signal, stages) {
      const queue = createTokenQueue<StepToken>();
      const tokenIndex = generated.length - 1;
      let batch = 0;
      let last: StepToken | undefined;
      const work = desk.run<StepToken>(
        {
          ...common,
          stage: 'decode',
          tokens: contextTokens,
          // A second attempt needs a KV cache of its own: the first pull ended the lease.
          attemptsMax: 1,
          command: (jobId) => ({
            ...envelope(jobId),
            kvCache,
            token: generated.at(-1) ?? 0,
            tokenIndex,
            tokensMax: request.tokensMax - generated.length,
            sampling: request.sampling,
          }),
          hear: (event) => {
            if (event.kind !== 'token') return undefined;
            batch = Math.max(batch, event.batch);
            if (event.value.finish !== 'FINISH_END_OF_TEXT') queue.push(event.value);
            return event.value.finish === 'FINISH_UNSPECIFIED' ? undefined : event.value;
          },
        },
        signal,
      );
      work.then(
        () => queue.end(),
        () => queue.end(),
      );
      for await (const step of queue) {
        if (step.tokenIndex !== generated.length) {
          throw new Fault(
            'internal',
            `Token ${step.tokenIndex} came when ${generated.length} was due.`,
          );
        }
        generated.push(step.token);
        yield { kind: 'token', token: step.token };
      }
      try {
        const { result, instance, totalMs } = await work;
        last = result;
        const tokens = generated.length - 1 - tokenIndex;
        stages.push({ stage: 'decode', instance, totalMs, tokens, timing: result.timing });
      } catch (error) {
        const fault = Fault.from(error);
        releaser.release(kvCache);
        if (signal.aborted) throw signal.reason;
        if (!faultTable[fault.code].retryable) throw fault;
        return { kind: 'lost', fault };
      }
      return { kind: 'finished', reason: last.finish === 'FINISH_LENGTH' ? 'length' : 'stop' };
    },
    release: () => {
      for (const handle of held) releaser.release(handle);
      store.releaseRequest(request.id);
    },
  };
};

/** Runs all at once; when one fails the others are cancelled and its fault is thrown. */
const firstFault = async <Item, Value>(
  signal: AbortSignal,
  items: readonly Item[],
  run: (item: Item, signal: AbortSignal) => Promise<Value>,
): Promise<Value[]> => {
  if (items.length === 0) return [];
  const controller = new AbortController();
  const own = AbortSignal.any([signal, controller.signal]);
  const runs = items.map((item) => run(item, own));
  try {
    return await Promise.all(runs);
  } catch (error) {
    controller.abort(Fault.from(error));
    await Promise.allSettled(runs);
    throw error;
  }
};
