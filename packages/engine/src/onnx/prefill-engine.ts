import { Fault } from '@isotherm/kernel';
import type { PrefillEngine } from '../contract.ts';
import { crossNames } from '../model-folder/kv-layout.ts';
import { readModelFolder } from '../model-folder/model-folder.ts';
import { createHeldPrefixes } from '../prefix/held-prefixes.ts';
import { startWorker, workerModule } from '../thread/worker-client.ts';
import { seenAfter } from './cross-sight.ts';
import { graphOptions, type OnnxEngineOptions, type Supervised } from './engine-options.ts';
import { bufferOf, ownedTensor } from './owned-tensor.ts';
import type { PrefillCalls, PrefixBounds } from './prefill-calls.ts';

export interface OnnxPrefillOptions extends OnnxEngineOptions {
  /** Longest prompt plus one token of answer; the model's own limit if not given. */
  readonly contextMax?: number;
  /** Keeps the KV caches of prompts for others that begin alike; none if not given. */
  readonly prefixes?: PrefixBounds;
}

/** Prefill engine: prompts run one after the other on a thread of their own. */
export const onnxPrefillEngine = async (
  options: OnnxPrefillOptions,
): Promise<PrefillEngine & Supervised> => {
  const graph = graphOptions(options);
  const { facts, layouts, placeholderIds } = await readModelFolder(graph.modelDir);
  const cross = layouts.cross && { layout: layouts.cross, names: crossNames(layouts.cross) };
  const { contextMax: modelMax, vocabularySize } = facts(graph.precision);
  const contextMax = Math.min(options.contextMax ?? modelMax, modelMax);
  const worker = startWorker<PrefillCalls>(workerModule('prefill-worker', import.meta.url));
  try {
    await worker.call('load', { ...graph, prefixes: options.prefixes });
  } catch (thrown) {
    await worker.close();
    throw thrown;
  }
  const { bytesMax = 0, blockTokens = 1 } = options.prefixes ?? {};
  const placeholders = Object.values(placeholderIds);
  const { architecture } = facts(graph.precision);
  const prefixes =
    bytesMax === 0
      ? undefined
      : createHeldPrefixes({ bytesMax, blockTokens, placeholders, architecture });
  return {
    ...(prefixes !== undefined && { prefixes }),
    prefill: async (input, signal) => {
      const tokens = input.tokenIds.length;
      if (tokens <= input.tokenIndex || input.tokenIndex < 0) {
        throw new Fault(
          'invalid_argument',
          `The prompt has ${tokens} tokens, of which ${input.tokenIndex} are said to be generated; one must come before them.`,
        );
      }
      if (tokens >= contextMax) {
        throw new Fault(
          'context_length_exceeded',
          `The prompt has ${tokens} tokens; with at least one for the answer it must stay below ${contextMax}.`,
        );
      }
      const stranger = input.tokenIds.find((token) => token < 0 || token >= vocabularySize);
      if (stranger !== undefined) {
        throw new Fault(
          'invalid_argument',
          `Token ${stranger} is outside of the vocabulary of ${vocabularySize}.`,
        );
      }
      const embeddings = input.embeddings.map((embedding) => embedding.map(ownedTensor));
      // What the encoder made is handed on as it came: questions about one picture share its tensors.
      const seen = cross && seenAfter(input, placeholders, cross);
      const output = await worker.call(
        'prefill',
        { ...input, tokenIds: input.tokenIds.slice(), embeddings },
        {
          signal,
          transfer: embeddings.flat().map(bufferOf),
          heard: ({ prefixes: report, cachedTokens = 0 }) => {
            if (report !== undefined) prefixes?.heard(report, cachedTokens);
          },
        },
      );
      return seen === undefined ? output : { ...output, kvCache: [...output.kvCache, ...seen] };
    },
    failed: worker.failed,
    close: () => worker.close(),
  };
};
