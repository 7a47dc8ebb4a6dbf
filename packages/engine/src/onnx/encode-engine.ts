import { Fault } from '@isotherm/kernel';
import type { Embedding, EncodeEngine, KnownEmbedding, Medium, Outcome } from '../contract.ts';
import { contentKey, scopeOf } from '../media/content-key.ts';
import { defaultMediaLimits, type MediaLimits } from '../media/media-limits.ts';
import { fromFaultRecord } from '../thread/protocol.ts';
import { startWorker, type WorkerClient, workerModule } from '../thread/worker-client.ts';
import { graphOptions, type OnnxEngineOptions, type Supervised } from './engine-options.ts';
import type { EncoderCalls, OutcomeRecord, PreparedMedium } from './encode-calls.ts';
import { type MediaThreads, startMediaThreads } from './media-threads.ts';
import type { GraphOptions } from './session.ts';

export interface OnnxEncodeOptions extends OnnxEngineOptions {
  /** Most media in one run of the graph; 8 if not given. */
  readonly batchMax?: number;
  /** How large a medium may be. */
  readonly limits?: MediaLimits;
}

/**
 * Encode engine: a thread for each modality decodes and prepares its media, another runs the graphs, so that one batch
 * is prepared while the one before it runs. Rejects with `unsupported` when the model cannot be loaded.
 */
export const onnxEncodeEngine = async (
  options: OnnxEncodeOptions,
): Promise<EncodeEngine & Supervised> => {
  const graph = graphOptions(options);
  const threads = await startThreads(graph, options.limits ?? defaultMediaLimits);
  const { media, encoder } = threads;
  const scope = scopeOf(threads.modelDigest, graph.precision);
  const batchMax = options.batchMax ?? 8;
  return {
    batchMax,
    scope,
    encode: async (items, signal, known) => {
      if (items.length > batchMax) {
        throw new Fault(
          'invalid_argument',
          `A batch has at most ${batchMax} media, not ${items.length}.`,
        );
      }
      const prepared = await media.prepare(items.map(copyOf), signal);
      const results = prepared.map((outcome): Outcome<Embedding> | undefined =>
        outcome.kind === 'failed' ? outcomeOf(outcome) : undefined,
      );
      const keyOf = (medium: PreparedMedium): string => contentKey(scope, medium);
      const same =
        known === undefined ? noneSame : takeKnown(prepared, results, { known, keyOf, scope });
      for (const group of groupsOfOneShape(prepared, results, same)) {
        const outcomes = await encoder.call(
          'encode',
          group.map(({ medium }) => medium),
          { signal, transfer: group.map(({ medium }) => medium.data.buffer as ArrayBuffer) },
        );
        group.forEach(({ index }, place) => {
          results[index] = outcomeOf(outcomes[place]);
        });
      }
      for (const [index, first] of same) results[index] = results[first];
      return results.map((result, index) => checked(result ?? missing, items[index]));
    },
    failed: Promise.race([media.failed, encoder.failed]),
    close: async () => {
      await Promise.all([media.close(), encoder.close()]);
    },
  };
};

interface Threads {
  readonly media: MediaThreads;
  readonly encoder: WorkerClient<EncoderCalls>;
  readonly modelDigest: string;
}

/** Both sides load at the same time; when one fails, the other is closed. */
const startThreads = async (graph: GraphOptions, limits: MediaLimits): Promise<Threads> => {
  const encoder = startWorker<EncoderCalls>(workerModule('encoder-worker', import.meta.url));
  const [media, loaded] = await Promise.allSettled([
    startMediaThreads(graph.modelDir, limits),
    encoder.call('load', graph),
  ]);
  if (media.status === 'fulfilled' && loaded.status === 'fulfilled') {
    return { media: media.value, encoder, modelDigest: loaded.value.modelDigest };
  }
  if (media.status === 'fulfilled') await media.value.close();
  await encoder.close();
  throw media.status === 'rejected' ? media.reason : (loaded as PromiseRejectedResult).reason;
};

/** The caller keeps its bytes; what goes to the thread is given away. Not slice(): that of a Buffer is a view. */
const copyOf = (medium: Medium): Medium =>
  medium.kind === 'file'
    ? { ...medium, bytes: new Uint8Array(medium.bytes) }
    : { ...medium, frames: medium.frames.map((frame) => new Uint8Array(frame)) };

const missing: Outcome<Embedding> = {
  kind: 'failed',
  fault: new Fault('internal', 'The engine gave no result for this medium.'),
};

/** The model's rule promised the prompt a number of rows; another number would shift every later token. */
const checked = (outcome: Outcome<Embedding>, medium: Medium | undefined): Outcome<Embedding> => {
  if (outcome.kind === 'failed' || medium === undefined) return outcome;
  const rows = outcome.value[0]?.shape.at(-2);
  if (rows === medium.tokens) return outcome;
  const message = `The encoder made ${rows} tokens of the ${medium.modality}; its prompt has ${medium.tokens} placeholders for it.`;
  return { kind: 'failed', fault: new Fault('invalid_argument', message) };
};

const outcomeOf = (outcome: OutcomeRecord<Embedding> | undefined): Outcome<Embedding> => {
  if (outcome === undefined) return missing;
  if (outcome.kind === 'done') return outcome;
  return { kind: 'failed', fault: fromFaultRecord(outcome.fault) };
};

/** For media of a batch with the content of one before them, the index of that one. */
type SameContent = ReadonlyMap<number, number>;
const noneSame: SameContent = new Map();

interface KnownContent {
  readonly known: KnownEmbedding;
  readonly scope: string;
  keyOf(medium: PreparedMedium): string;
}

/** Puts what is known into the results, and says which media repeat others of the batch. */
const takeKnown = (
  prepared: readonly OutcomeRecord<PreparedMedium>[],
  results: (Outcome<Embedding> | undefined)[],
  { known, keyOf, scope }: KnownContent,
): SameContent => {
  const firsts = new Map<string, number>();
  const same = new Map<number, number>();
  prepared.forEach((outcome, index) => {
    if (outcome.kind === 'failed') return;
    const key = keyOf(outcome.value);
    const value = known(index, { contentKey: key, scope });
    const first = firsts.get(key);
    if (value !== undefined) results[index] = { kind: 'done', value };
    else if (first === undefined) firsts.set(key, index);
    else same.set(index, first);
  });
  return same;
};

interface Place {
  readonly index: number;
  readonly medium: PreparedMedium;
}

/** Media of one modality whose tiles, windows or frames have one shape can share a run. */
const groupsOfOneShape = (
  outcomes: readonly OutcomeRecord<PreparedMedium>[],
  results: readonly (Outcome<Embedding> | undefined)[],
  same: SameContent,
): readonly (readonly Place[])[] => {
  const groups = new Map<string, Place[]>();
  outcomes.forEach((outcome, index) => {
    if (outcome.kind === 'failed' || results[index] !== undefined || same.has(index)) return;
    const medium = outcome.value;
    const key = `${medium.modality} ${medium.shape.slice(1).join('x')}`;
    groups.set(key, [...(groups.get(key) ?? []), { index, medium }]);
  });
  return [...groups.values()];
};
