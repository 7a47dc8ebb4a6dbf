import { invariant } from '@isotherm/kernel';
import type { PrefillInput, PrefillOutput, Tensor } from '../contract.ts';
import { loadGrammars, type Grammars } from '../grammar/grammars.ts';
import { type ModelFolder, readModelFolder } from '../model-folder/model-folder.ts';
import type { KvPast } from '../prefix/kv-blocks.ts';
import { createPrefixStore, type PrefixStore } from '../prefix/prefix-store.ts';
import { createTokenChooser } from '../sampling/token-chooser.ts';
import { historyOf, needsHistory } from '../sampling/token-history.ts';
import { loadTokenVocabulary } from '../text/token-vocabulary.ts';
import { serveCalls } from '../thread/serve-calls.ts';
import { type DecoderGraph, loadDecoderGraph } from './decoder-graph.ts';
import { bufferOf } from './owned-tensor.ts';
import type { PrefillCalls, PrefixBounds } from './prefill-calls.ts';
import { beginPrompt, type PromptRun } from './prompt-run.ts';

// Worker thread: runs prompts through the decoder graph, in turns.

let folder: ModelFolder | undefined;
let graph: DecoderGraph | undefined;
let grammars: Grammars | undefined;
let endOfTextTokens: readonly number[] = [];
let prefixes: PrefixStore | undefined;

/** Prompts that have begun and are not through. */
const runs = new Map<number, OpenRun>();

interface OpenRun {
  readonly input: PrefillInput;
  readonly run: PromptRun;
  readonly cachedTokens: number;
  keep(whole: KvPast): void;
}

const nothing: KvPast = { tokens: 0, tensors: [] };

const begin = async (input: PrefillInput): Promise<OpenRun> => {
  invariant(folder !== undefined && graph !== undefined, 'load comes first');
  const { past, keep } = prefixes?.open(input) ?? { past: nothing, keep: () => undefined };
  const placeholders = Object.values(folder.placeholderIds);
  const run = await beginPrompt(input, { graph, placeholders, past });
  return { input, run, cachedTokens: past.tokens, keep };
};

const finish = async ({ input, run, cachedTokens, keep }: OpenRun): Promise<PrefillOutput> => {
  invariant(folder !== undefined && graph !== undefined, 'load comes first');
  invariant(grammars !== undefined, 'load comes first');
  const { tokenIds, sampling, tokenIndex } = input;
  const { kvHeads, headSize } = graph.layout;
  const { kvType } = graph;
  const placeholders = Object.values(folder.placeholderIds);
  const { logits, whole } = run.result();
  keep(whole);
  const history = needsHistory(sampling, input.grammar)
    ? historyOf(tokenIds, tokenIndex, (token) => placeholders.includes(token))
    : undefined;
  const grammar =
    input.grammar === undefined
      ? undefined
      : await grammars.stateOf(input.grammar, tokenIds.subarray(tokenIds.length - tokenIndex));
  const chooser = createTokenChooser({ sampling, history, generated: tokenIndex, grammar });
  const { token, logprobs } = chooser.choose(logits, tokenIndex);
  const kvCache = graph.kvNames.map((name, index): Tensor => {
    const data = whole.tensors[index];
    invariant(data !== undefined, `the decoder gave no ${name}`);
    return { name, dataType: kvType, shape: [kvHeads, tokenIds.length, headSize], data };
  });
  const endOfText = endOfTextTokens.includes(token);
  return { token, endOfText, waitedMs: 0, logprobs, history, kvCache, cachedTokens };
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
    grammars = await loadGrammars(() => loadTokenVocabulary(loaded));
    folder = loaded;
    graph = await loadDecoderGraph(folder, options);
    prefixes = prefixesOf(folder, graph, options.prefixes);
    ({ endOfTextTokens } = folder.facts(options.precision));
    return { response: null };
  },
  advance: async ({ id, input, tokens }) => {
    const open = runs.get(id) ?? (input === undefined ? undefined : await begin(input));
    invariant(open !== undefined, 'a prompt comes with its first turn');
    runs.delete(id);
    await open.run.advance(tokens);
    const { remainingTokens } = open.run;
    if (remainingTokens > 0) {
      runs.set(id, open);
      return { response: { kind: 'more', remainingTokens } };
    }
    const output = await finish(open);
    const report = prefixes?.report();
    const response = { kind: 'done', output, prefixes: report } as const;
    return { response, transfer: output.kvCache.map(bufferOf) };
  },
  drop: (id) => {
    runs.delete(id);
    return { response: null };
  },
});
