import { invariant } from '@isotherm/kernel';
import type { PrefillInput, PrefillOutput, Tensor } from '../contract.ts';
import { createGrammars, type Grammars } from '../grammar/grammars.ts';
import { type ModelFolder, readModelFolder } from '../model-folder/model-folder.ts';
import { appendTokens, type KvPast } from '../prefix/kv-blocks.ts';
import { createPrefixStore, type PrefixStore } from '../prefix/prefix-store.ts';
import { restEmbeddings } from '../prefix/rest-embeddings.ts';
import { createTokenChooser } from '../sampling/token-chooser.ts';
import { historyOf, needsHistory } from '../sampling/token-history.ts';
import { loadTokenVocabulary } from '../text/token-vocabulary.ts';
import { serveCalls } from '../thread/serve-calls.ts';
import { promptSight } from './cross-sight.ts';
import { type CrossSight, type DecoderGraph, loadDecoderGraph } from './decoder-graph.ts';
import { bufferOf } from './owned-tensor.ts';
import type { PrefillCalls, PrefixBounds } from './prefill-calls.ts';
import { emptyFloats } from './float-data.ts';
import { floatTensor } from './session.ts';
import { spliceEmbeddings } from './splice-embeddings.ts';

// Worker thread: runs prompts through the decoder graph, one at a time.

let folder: ModelFolder | undefined;
let graph: DecoderGraph | undefined;
let grammars: Grammars | undefined;
let endOfTextTokens: readonly number[] = [];
let prefixes: PrefixStore | undefined;

/** Runs what a prompt has behind its past. */
const runRest = async (
  input: PrefillInput,
  past: KvPast,
): Promise<{ readonly logits: Float32Array; readonly whole: KvPast }> => {
  invariant(folder !== undefined && graph !== undefined, 'load comes first');
  const { kvHeads, headSize } = graph.layout;
  const { kvType, hiddenSize } = graph;
  const rest = input.tokenIds.subarray(past.tokens);
  const embeds = await graph.embed(rest);
  const placeholders = Object.values(folder.placeholderIds);
  let sight: CrossSight | undefined;
  if (graph.cross === undefined) {
    // A placeholder that the model itself has said is a word like any other and stands for no embedding.
    const prompt = input.tokenIds.subarray(0, input.tokenIds.length - input.tokenIndex);
    const held = prompt.subarray(0, past.tokens).filter((token) => placeholders.includes(token));
    spliceEmbeddings(embeds, restEmbeddings(input.embeddings, input.media ?? [], held.length), {
      tokenIds: prompt.subarray(past.tokens),
      placeholders,
      hiddenSize,
    });
  } else {
    sight = behind(promptSight(input, placeholders, graph.cross, kvType), past.tokens);
  }
  const shape = [1, kvHeads, past.tokens, headSize];
  const result = await graph.run({
    rows: 1,
    newTokens: rest.length,
    pastTokens: past.tokens,
    embeds,
    positions: Int32Array.from(rest, (_, index) => past.tokens + index),
    past: graph.kvNames.map((_, index) =>
      floatTensor(kvType, past.tensors[index] ?? emptyFloats(kvType, 0), shape),
    ),
    sight,
  });
  const made = { tokens: rest.length, tensors: result.present };
  const whole =
    graph.cacheOutput === 'new'
      ? appendTokens(past, made, { kvHeads, headSize, type: kvType })
      : { tokens: input.tokenIds.length, tensors: result.present };
  return { logits: result.logits, whole };
};

/** What the tokens behind a past see of the media. */
const behind = (sight: CrossSight | undefined, tokens: number): CrossSight | undefined =>
  sight && { ...sight, mask: sight.mask.subarray(tokens * sight.tokens) };

const nothing: KvPast = { tokens: 0, tensors: [] };

const prefill = async (input: PrefillInput): Promise<PrefillOutput> => {
  invariant(folder !== undefined && graph !== undefined, 'load comes first');
  invariant(grammars !== undefined, 'load comes first');
  const { tokenIds } = input;
  const { kvHeads, headSize } = graph.layout;
  const { kvType, vocabularySize } = graph;
  const placeholders = Object.values(folder.placeholderIds);
  const shared = prefixes?.open(input);
  const { logits, whole } = await runRest(input, shared?.past ?? nothing);
  shared?.keep(whole);
  const lastRow = logits.subarray(logits.length - vocabularySize);
  const { sampling, tokenIndex } = input;
  const history = needsHistory(sampling, input.grammar)
    ? historyOf(tokenIds, tokenIndex, (token) => placeholders.includes(token))
    : undefined;
  const grammar =
    input.grammar === undefined
      ? undefined
      : await grammars.stateOf(input.grammar, tokenIds.subarray(tokenIds.length - tokenIndex));
  const chooser = createTokenChooser({ sampling, history, generated: tokenIndex, grammar });
  const { token, logprobs } = chooser.choose(lastRow, tokenIndex);
  const kvCache = graph.kvNames.map((name, index): Tensor => {
    const data = whole.tensors[index];
    invariant(data !== undefined, `the decoder gave no ${name}`);
    return { name, dataType: kvType, shape: [kvHeads, tokenIds.length, headSize], data };
  });
  const cachedTokens = shared?.past.tokens ?? 0;
  const endOfText = endOfTextTokens.includes(token);
  return { token, endOfText, logprobs, history, kvCache, cachedTokens };
};

const prefixesOf = (
  { placeholderIds }: ModelFolder,
  { layout, kvNames, kvType, cross }: DecoderGraph,
  bounds: PrefixBounds | undefined,
): PrefixStore | undefined => {
  if (bounds === undefined || bounds.bytesMax === 0) return undefined;
  const { bytesMax, blockTokens } = bounds;
  const { kvHeads, headSize } = layout;
  const architecture = cross === undefined ? 'decoder-only' : 'cross-attention';
  const blocks = {
    blockTokens,
    placeholders: Object.values(placeholderIds),
    architecture,
  } as const;
  const shape = { kvHeads, headSize, blockTokens, type: kvType };
  return createPrefixStore({ bytesMax, blocks, tensors: kvNames.length, shape });
};

serveCalls<PrefillCalls>({
  load: async (options) => {
    const loaded = await readModelFolder(options.modelDir);
    grammars = createGrammars(() => loadTokenVocabulary(loaded));
    folder = loaded;
    graph = await loadDecoderGraph(folder, options);
    prefixes = prefixesOf(folder, graph, options.prefixes);
    ({ endOfTextTokens } = folder.facts(options.precision));
    return { response: null };
  },
  prefill: async (input) => {
    const output = await prefill(input);
    const response = { ...output, prefixes: prefixes?.report() };
    return { response, transfer: response.kvCache.map(bufferOf) };
  },
});
