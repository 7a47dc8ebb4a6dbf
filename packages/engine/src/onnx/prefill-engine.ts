import { Fault } from '@isotherm/kernel';
import type { PrefillEngine, PrefillInput, PrefillOutput } from '../contract.ts';
import { crossNames } from '../model-folder/kv-layout.ts';
import { readModelFolder } from '../model-folder/model-folder.ts';
import { createHeldPrefixes } from '../prefix/held-prefixes.ts';
import { startWorker, workerModule } from '../thread/worker-client.ts';
import { seenAfter } from './cross-sight.ts';
import { graphOptions, type OnnxEngineOptions, type Supervised } from './engine-options.ts';
import { bufferOf, ownedTensor } from './owned-tensor.ts';
import type { PrefillCalls, PrefixBounds } from './prefill-calls.ts';
import { createPromptTurns, type Turns } from './prompt-turns.ts';

export interface OnnxPrefillOptions extends OnnxEngineOptions {
  /** Longest prompt plus one token of answer; the model's own limit if not given. */
  readonly contextMax?: number;
  /** Keeps the KV caches of prompts for others that begin alike; none if not given. */
  readonly prefixes?: PrefixBounds;
  /** Tokens of a prompt that are run at a turn; 256 if not given. */
  readonly chunkTokens?: number;
}

const chunkTokensDefault = 256;

/**
 * Prefill engine: prompts run on a thread of their own, in chunks and in turns (see prompt-turns.ts), so that a long one
 * does not keep others from their first tokens.
 */
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
  const chunkTokens = options.chunkTokens ?? chunkTokensDefault;
  const turns = createPromptTurns();
  let ids = 0;
  /** A prompt in the thread, advanced by a chunk at a turn. */
  const promptTurns = (id: number, input: PrefillInput): Turns<PrefillOutput> => {
    let remainingTokens = input.tokenIds.length;
    let begun = false;
    return {
      get remainingTokens() {
        return remainingTokens;
      },
      turn: async () => {
        const first = begun ? undefined : input;
        begun = true;
        const turn = await worker.call(
          'advance',
          { id, input: first, tokens: chunkTokens },
          { transfer: first?.embeddings.flat().map(bufferOf) ?? [] },
        );
        if (turn.kind === 'more') {
          ({ remainingTokens } = turn);
          return turn;
        }
        const { output, prefixes: report } = turn;
        if (report !== undefined) prefixes?.heard(report, output.cachedTokens ?? 0);
        return { kind: 'done', result: output };
      },
      drop: () => {
        if (begun) void worker.call('drop', id).catch(() => undefined);
      },
    };
  };
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
      const id = (ids += 1);
      const work = promptTurns(id, { ...input, tokenIds: input.tokenIds.slice(), embeddings });
      const { result, waitedMs } = await turns.run(work, signal);
      const output = { ...result, waitedMs };
      return seen === undefined ? output : { ...output, kvCache: [...output.kvCache, ...seen] };
    },
    failed: worker.failed,
    close: () => worker.close(),
  };
};
