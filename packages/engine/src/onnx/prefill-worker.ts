import { invariant } from '@isotherm/kernel';
import type { PrefillInput, PrefillOutput, Tensor } from '../contract.ts';
import { type ModelFolder, readModelFolder } from '../model-folder/model-folder.ts';
import { createTokenChooser } from '../sampling/token-chooser.ts';
import { historyOf, needsHistory } from '../sampling/token-history.ts';
import { serveCalls } from '../thread/serve-calls.ts';
import { promptSight } from './cross-sight.ts';
import { type CrossSight, type DecoderGraph, loadDecoderGraph } from './decoder-graph.ts';
import { bufferOf } from './owned-tensor.ts';
import type { PrefillCalls } from './prefill-calls.ts';
import { emptyFloats } from './float-data.ts';
import { floatTensor } from './session.ts';
import { spliceEmbeddings } from './splice-embeddings.ts';

// Worker thread: runs prompts through the decoder graph, one at a time.

let folder: ModelFolder | undefined;
let graph: DecoderGraph | undefined;
let endOfTextTokens: readonly number[] = [];

const prefill = async (input: PrefillInput): Promise<PrefillOutput> => {
  invariant(folder !== undefined && graph !== undefined, 'load comes first');
  const { tokenIds } = input;
  const { kvHeads, headSize } = graph.layout;
  const { kvType, hiddenSize, vocabularySize } = graph;
  const embeds = await graph.embed(tokenIds);
  const placeholders = Object.values(folder.placeholderIds);
  let sight: CrossSight | undefined;
  if (graph.cross === undefined) {
    // A placeholder that the model itself has said is a word like any other and stands for no embedding.
    const prompt = tokenIds.subarray(0, tokenIds.length - input.tokenIndex);
    spliceEmbeddings(embeds, input.embeddings.flat(), {
      tokenIds: prompt,
      placeholders,
      hiddenSize,
    });
  } else {
    sight = promptSight(input, placeholders, graph.cross, kvType);
  }
  const result = await graph.run({
    rows: 1,
    newTokens: tokenIds.length,
    pastTokens: 0,
    embeds,
    positions: Int32Array.from(tokenIds, (_, index) => index),
    past: graph.kvNames.map(() =>
      floatTensor(kvType, emptyFloats(kvType, 0), [1, kvHeads, 0, headSize]),
    ),
    sight,
  });
  const lastRow = result.logits.subarray(result.logits.length - vocabularySize);
  const { sampling, tokenIndex } = input;
  const history = needsHistory(sampling)
    ? historyOf(tokenIds, tokenIndex, (token) => placeholders.includes(token))
    : undefined;
  const chooser = createTokenChooser({ sampling, history, generated: tokenIndex });
  const { token, logprobs } = chooser.choose(lastRow, tokenIndex);
  const kvCache = graph.kvNames.map((name, index): Tensor => {
    const data = result.present[index];
    invariant(data !== undefined, `the decoder gave no ${name}`);
    return { name, dataType: kvType, shape: [kvHeads, tokenIds.length, headSize], data };
  });
  return { token, endOfText: endOfTextTokens.includes(token), logprobs, history, kvCache };
};

serveCalls<PrefillCalls>({
  load: async (options) => {
    folder = await readModelFolder(options.modelDir);
    graph = await loadDecoderGraph(folder, options);
    ({ endOfTextTokens } = folder.facts(options.precision));
    return { response: null };
  },
  prefill: async (input) => {
    const response = await prefill(input);
    return { response, transfer: response.kvCache.map(bufferOf) };
  },
});
