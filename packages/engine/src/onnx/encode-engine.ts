import { Fault } from '@isotherm/kernel';
import type { EncodeEngine, Medium, Outcome, Tensor } from '../contract.ts';
import { fromFaultRecord } from '../thread/protocol.ts';
import { startWorker, workerModule } from '../thread/worker-client.ts';
import { graphOptions, type OnnxEngineOptions, type Supervised } from './engine-options.ts';
import type { MediaCalls, OutcomeRecord, Picture, VisionCalls } from './vision-calls.ts';

export interface OnnxEncodeOptions extends OnnxEngineOptions {
  /** Most media in one run of the graph; 8 if not given. */
  readonly batchMax?: number;
}

/**
 * Encode engine: one thread decodes and prepares pictures, another runs the vision graph, so that one batch is
 * prepared while the one before it runs. Rejects with `unsupported` when the model cannot be loaded.
 */
export const onnxEncodeEngine = async (
  options: OnnxEncodeOptions,
): Promise<EncodeEngine & Supervised> => {
  const media = startWorker<MediaCalls>(workerModule('media-worker', import.meta.url));
  const vision = startWorker<VisionCalls>(workerModule('vision-worker', import.meta.url));
  const close = async (): Promise<void> => {
    await Promise.all([media.close(), vision.close()]);
  };
  try {
    const graph = graphOptions(options);
    await Promise.all([
      media.call('load', { modelDir: graph.modelDir }),
      vision.call('load', graph),
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
      const files = items.map((item) => item.bytes.slice());
      const prepared = await media.call('prepare', files, {
        signal,
        transfer: files.map((file) => file.buffer),
      });
      const results = prepared.map((outcome): Outcome<Tensor> | undefined =>
        outcome.kind === 'failed'
          ? { kind: 'failed', fault: fromFaultRecord(outcome.fault) }
          : undefined,
      );
      for (const group of groupsOfOneSize(prepared)) {
        const outcomes = await vision.call(
          'encode',
          group.map(({ picture }) => picture),
          { signal, transfer: group.map(({ picture }) => picture.data.buffer as ArrayBuffer) },
        );
        group.forEach(({ index }, place) => {
          results[index] = checked(outcomes[place], items[index]);
        });
      }
      return results.map((result) => result ?? missing);
    },
    failed: Promise.race([media.failed, vision.failed]),
    close,
  };
};

const missing: Outcome<Tensor> = {
  kind: 'failed',
  fault: new Fault('internal', 'The engine gave no result for this medium.'),
};

/** The model's rule promised the prompt a number of rows; another number would shift every later token. */
const checked = (
  outcome: OutcomeRecord<Tensor> | undefined,
  medium: Medium | undefined,
): Outcome<Tensor> => {
  if (outcome === undefined || medium === undefined) return missing;
  if (outcome.kind === 'failed') return { kind: 'failed', fault: fromFaultRecord(outcome.fault) };
  const rows = outcome.value.shape[0];
  if (rows === medium.tokens) return outcome;
  const message = `The encoder made ${rows} tokens of the image; its prompt has ${medium.tokens} placeholders for it.`;
  return { kind: 'failed', fault: new Fault('invalid_argument', message) };
};

interface Place {
  readonly index: number;
  readonly picture: Picture;
}

/** Pictures whose tiles have one size can share a run. */
const groupsOfOneSize = (
  outcomes: readonly OutcomeRecord<Picture>[],
): readonly (readonly Place[])[] => {
  const groups = new Map<string, Place[]>();
  outcomes.forEach((outcome, index) => {
    if (outcome.kind === 'failed') return;
    const key = outcome.value.shape.slice(1).join('x');
    groups.set(key, [...(groups.get(key) ?? []), { index, picture: outcome.value }]);
  });
  return [...groups.values()];
};
