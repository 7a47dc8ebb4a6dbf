import type { Embedding, EmbeddingName, EncodeEngine, Medium, Modality } from '@isotherm/engine';
import { deferred, type Deferred, Fault } from '@isotherm/kernel';
import { nextMedia, type WaitingMedium } from './encode-order.ts';

/** An embedding, and how it was made. */
export interface EncodedMedium extends EmbeddingName {
  readonly embedding: Embedding;
  /** Whether it was known and did not have to be made. */
  readonly known: boolean;
  readonly queueMs: number;
  readonly engineMs: number;
  readonly batch: number;
}

/**
 * Batches by availability: while the engine works, media gather; when it is free, as many as fit go at once. No
 * medium ever waits for company while the engine is idle. Each modality has batches of its own: they share no graph, and
 * a clip that takes seconds to decode must not hold up pictures. Where media go one by one, the next is prepared while the
 * one before it is encoded. Who goes first is in `encode-order.ts`.
 */
export interface EncodeBatcher {
  /** `request` names the request that the medium is of. */
  encode(medium: Medium, request: string, signal: AbortSignal): Promise<EncodedMedium>;
}

interface Waiting extends WaitingMedium {
  readonly medium: Medium;
  passedOver: number;
  readonly signal: AbortSignal;
  readonly sinceMs: number;
  readonly result: Deferred<EncodedMedium>;
}

/** An embedding of this content for a medium, if one has been made before. */
export type FindContent = (contentKey: string, medium: Medium) => Embedding | undefined;

export const createEncodeBatcher = (
  engine: EncodeEngine,
  find: FindContent = () => undefined,
): EncodeBatcher => {
  const batches: Readonly<Record<Modality, EncodeBatcher>> = {
    image: createBatches(engine, find),
    audio: createBatches(engine, find),
    video: createBatches(engine, find),
  };
  return { encode: (medium, ...rest) => batches[medium.modality].encode(medium, ...rest) };
};

const createBatches = (engine: EncodeEngine, find: FindContent): EncodeBatcher => {
  let waiting: Waiting[] = [];
  let working = 0;

  /** The next batch; those that came before it and stay count that they were passed over. */
  const take = (): readonly Waiting[] => {
    const batch = nextMedia(waiting, engine.batchMax);
    const last = Math.max(...batch.map((entry) => waiting.indexOf(entry)));
    const rest = waiting.filter((entry) => !batch.includes(entry));
    for (const entry of rest) if (waiting.indexOf(entry) < last) entry.passedOver += 1;
    waiting = rest;
    return batch;
  };
  const work = async (): Promise<void> => {
    if (working >= (engine.batchMax === 1 ? 2 : 1)) return;
    working += 1;
    // Media that arrived together share the first batch.
    await new Promise<void>((resolve) => process.nextTick(resolve));
    while (waiting.length > 0) await runBatch(engine, take(), find);
    working -= 1;
  };

  return {
    encode: (medium, request, signal) => {
      const { tokens } = medium;
      const sinceMs = performance.now();
      const who = { request, tokens, passedOver: 0 };
      const entry: Waiting = { ...who, medium, signal, sinceMs, result: deferred() };
      const leave = (): void => {
        waiting = waiting.filter((other) => other !== entry);
        entry.result.reject(signal.reason);
      };
      if (signal.aborted) leave();
      else {
        signal.addEventListener('abort', leave, { once: true });
        waiting.push(entry);
        void work();
      }
      return entry.result.promise.finally(() => signal.removeEventListener('abort', leave));
    },
  };
};

/** The batch goes on while anyone waits for it; it is aborted when all of them have left. */
const runBatch = async (
  engine: EncodeEngine,
  batch: readonly Waiting[],
  find: FindContent,
): Promise<void> => {
  const controller = new AbortController();
  const check = (): void => {
    if (batch.every(({ signal }) => signal.aborted)) controller.abort();
  };
  for (const { signal } of batch) signal.addEventListener('abort', check, { once: true });
  const contents: (EmbeddingName & { readonly known: boolean })[] = [];
  const startMs = performance.now();
  try {
    const outcomes = await engine.encode(
      batch.map(({ medium }) => medium),
      controller.signal,
      (index, name) => {
        const medium = batch[index]?.medium;
        const found = medium === undefined ? undefined : find(name.contentKey, medium);
        contents[index] = { ...name, known: found !== undefined };
        return found;
      },
    );
    const engineMs = performance.now() - startMs;
    for (const [index, { result, sinceMs }] of batch.entries()) {
      const outcome = outcomes[index];
      if (outcome === undefined) result.reject(new Fault('internal', 'The engine lost a medium.'));
      else if (outcome.kind === 'failed') result.reject(outcome.fault);
      else {
        const { contentKey = '', scope = '', known = false } = contents[index] ?? {};
        const times = { queueMs: startMs - sinceMs, engineMs, batch: batch.length };
        result.resolve({ embedding: outcome.value, contentKey, scope, known, ...times });
      }
    }
  } catch (error) {
    for (const { result } of batch) result.reject(error);
  } finally {
    for (const { signal } of batch) signal.removeEventListener('abort', check);
  }
};
