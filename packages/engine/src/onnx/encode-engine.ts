import { Fault } from '@isotherm/kernel';
import type { Embedding, EncodeEngine, Medium, Outcome } from '../contract.ts';
import { fromFaultRecord } from '../thread/protocol.ts';
import { startWorker, workerModule } from '../thread/worker-client.ts';
import { graphOptions, type OnnxEngineOptions, type Supervised } from './engine-options.ts';
import type { MediaCalls, OutcomeRecord, PreparedMedium, EncoderCalls } from './encode-calls.ts';

export interface OnnxEncodeOptions extends OnnxEngineOptions {
  /** Most media in one run of the graph; 8 if not given. */
  readonly batchMax?: number;
}

/**
 * Encode engine: one thread decodes and prepares media, another runs the graphs, so that one batch is
 * prepared while the one before it runs. Rejects with `unsupported` when the model cannot be loaded.
 */
export const onnxEncodeEngine = async (
  options: OnnxEncodeOptions,
): Promise<EncodeEngine & Supervised> => {
  const media = startWorker<MediaCalls>(workerModule('media-worker', import.meta.url));
  const encoder = startWorker<EncoderCalls>(workerModule('encoder-worker', import.meta.url));
  const close = async (): Promise<void> => {
    await Promise.all([media.close(), encoder.close()]);
  };
  try {
    const graph = graphOptions(options);
    await Promise.all([
      media.call('load', { modelDir: graph.modelDir }),
      encoder.call('load', graph),
    ]);
  } catch (thrown) {
    await close();
    throw thrown;
  }
  const batchMax = options.batchMax ?? 8;
  return {
    batchMax,
    encode: async (items, signal) => {
      if (items.length > batchMax) {
        throw new Fault(
          'invalid_argument',
          `A batch has at most ${batchMax} media, not ${items.length}.`,
        );
      }
      const copies = items.map(copyOf);
      const prepared = await media.call('prepare', copies, {
        signal,
        transfer: copies.flatMap((copy) => filesOf(copy).map((file) => file.buffer as ArrayBuffer)),
      });
      const results = prepared.map((outcome): Outcome<Embedding> | undefined =>
        outcome.kind === 'failed'
          ? { kind: 'failed', fault: fromFaultRecord(outcome.fault) }
          : undefined,
      );
      for (const group of groupsOfOneShape(prepared)) {
        const outcomes = await encoder.call(
          'encode',
          group.map(({ medium }) => medium),
          { signal, transfer: group.map(({ medium }) => medium.data.buffer as ArrayBuffer) },
        );
        group.forEach(({ index }, place) => {
          results[index] = checked(outcomes[place], items[index]);
        });
      }
      return results.map((result) => result ?? missing);
    },
    failed: Promise.race([media.failed, encoder.failed]),
    close,
  };
};

const filesOf = (medium: Medium): readonly Uint8Array[] =>
  medium.kind === 'file' ? [medium.bytes] : medium.frames;

/** The caller keeps its bytes; what goes to the thread is given away. */
const copyOf = (medium: Medium): Medium =>
  medium.kind === 'file'
    ? { ...medium, bytes: medium.bytes.slice() }
    : { ...medium, frames: medium.frames.map((frame) => frame.slice()) };

const missing: Outcome<Embedding> = {
  kind: 'failed',
  fault: new Fault('internal', 'The engine gave no result for this medium.'),
};

/** The model's rule promised the prompt a number of rows; another number would shift every later token. */
const checked = (
  outcome: OutcomeRecord<Embedding> | undefined,
  medium: Medium | undefined,
): Outcome<Embedding> => {
  if (outcome === undefined || medium === undefined) return missing;
  if (outcome.kind === 'failed') return { kind: 'failed', fault: fromFaultRecord(outcome.fault) };
  const rows = outcome.value[0]?.shape.at(-2);
  if (rows === medium.tokens) return outcome;
  const message = `The encoder made ${rows} tokens of the ${medium.modality}; its prompt has ${medium.tokens} placeholders for it.`;
  return { kind: 'failed', fault: new Fault('invalid_argument', message) };
};

interface Place {
  readonly index: number;
  readonly medium: PreparedMedium;
}

/** Media of one modality whose tiles, windows or frames have one shape can share a run. */
const groupsOfOneShape = (
  outcomes: readonly OutcomeRecord<PreparedMedium>[],
): readonly (readonly Place[])[] => {
  const groups = new Map<string, Place[]>();
  outcomes.forEach((outcome, index) => {
    if (outcome.kind === 'failed') return;
    const medium = outcome.value;
    const key = `${medium.modality} ${medium.shape.slice(1).join('x')}`;
    groups.set(key, [...(groups.get(key) ?? []), { index, medium }]);
  });
  return [...groups.values()];
};
