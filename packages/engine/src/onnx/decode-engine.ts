import type { DecodeEngine } from '../contract.ts';
import { createKvMemory } from '../kv-memory.ts';
import { readModelFolder } from '../model-folder/model-folder.ts';
import { startWorker, workerModule } from '../thread/worker-client.ts';
import type { DecodeCalls } from './decode-calls.ts';
import { graphOptions, type OnnxEngineOptions, type Supervised } from './engine-options.ts';
import type { RunnerKind } from './runner-kind.ts';
import { bufferOf, givenTensor, ownedTensor } from './owned-tensor.ts';

export interface OnnxDecodeOptions extends OnnxEngineOptions {
  /** Sequences in the batch at most; 32 if not given. */
  readonly slots?: number;
  /** Longest context of a slot in tokens; the model's own limit if not given. */
  readonly contextMax?: number;
  /** Most bytes of KV cache; full slots of the longest context if not given. It may shorten the context. */
  readonly kvBytesMax?: number | undefined;
  /**
   * Most steps that are run before they are asked for, so that a caller that is late finds several steps' tokens at once;
   * none if not given.
   */
  readonly stepsAheadMax?: number;
  /**
   * How long the tokens of a step wait for those of further ones, so that they are told together, in milliseconds; not at
   * all if not given.
   */
  readonly stepsTogetherMs?: number;
  /** How to run batches, for tests and measurements; chosen by trial if not given. */
  readonly runner?: RunnerKind;
}

export interface OnnxDecodeEngine extends DecodeEngine, Supervised {
  /** How this model's batches are run, for the log. */
  readonly runner: RunnerKind;
}

/** Decode engine: one running batch on a thread of its own. */
export const onnxDecodeEngine = async (options: OnnxDecodeOptions): Promise<OnnxDecodeEngine> => {
  const graph = graphOptions(options);
  const { facts } = await readModelFolder(graph.modelDir);
  const { contextMax: modelMax, kvBytesPerToken, crossKvBytesPerToken } = facts(graph.precision);
  const slots = options.slots ?? 32;
  const kv = createKvMemory({
    slots,
    contextMax: Math.min(options.contextMax ?? modelMax, modelMax),
    bytesPerToken: kvBytesPerToken,
    mediaBytesPerToken: crossKvBytesPerToken,
    bytesMax: options.kvBytesMax,
  });
  const { contextMax } = kv;
  // What cross-attention sees shares a given bound with the caches, and only the caller counts both.
  const shared = options.kvBytesMax !== undefined && crossKvBytesPerToken > 0;
  const stepsAheadMax = shared ? 0 : (options.stepsAheadMax ?? 0);
  const worker = startWorker<DecodeCalls>(workerModule('decode-worker', import.meta.url));
  let runner: RunnerKind;
  try {
    runner = await worker.call('load', {
      ...graph,
      slots,
      contextMax,
      kvTokensMax: kv.tokensMax,
      stepsAheadMax,
      stepsTogetherMs: options.stepsTogetherMs ?? 0,
      runner: options.runner,
    });
  } catch (thrown) {
    await worker.close();
    throw thrown;
  }
  return {
    slots,
    contextMax,
    kv,
    runner,
    join: async (sequence, start) => {
      const kvCache = start.kvCache.map(start.kvCacheGiven === true ? givenTensor : ownedTensor);
      // A view of a payload would drag all of it along.
      const history = start.history?.slice();
      const request = { sequence, start: { ...start, kvCache, history } };
      await worker.call('join', request, { transfer: kvCache.map(bufferOf) });
    },
    leave: async (sequence) => {
      await worker.call('leave', sequence);
    },
    step: (alone = false) => worker.call('step', { alone }),
    failed: worker.failed,
    close: () => worker.close(),
  };
};
