import type { PrefillInput } from '../contract.ts';
import { appendTokens, type KvPast } from '../prefix/kv-blocks.ts';
import { restEmbeddings } from '../prefix/rest-embeddings.ts';
import { promptSight } from './cross-sight.ts';
import type { CrossSight, DecoderGraph } from './decoder-graph.ts';
import { emptyFloats, type FloatData } from './float-data.ts';
import { floatTensor } from './session.ts';
import { spliceEmbeddings } from './splice-embeddings.ts';

/** A prompt on its way through the decoder graph. */
export interface PromptRun {
  /** Tokens that have not been run. */
  readonly remainingTokens: number;
  /** Runs the next tokens, as many as are left at most; what they attend to is all that lies before them. */
  advance(tokens: number): Promise<void>;
  /** The whole cache and the logits of the last token; for a run that has none remaining. */
  result(): { readonly logits: Float32Array; readonly whole: KvPast };
}

export interface PromptRunOptions {
  readonly graph: DecoderGraph;
  /** Tokens that stand for media. */
  readonly placeholders: readonly number[];
  /** What the beginning of the prompt has left already. */
  readonly past: KvPast;
}

/** Begins to run what a prompt has behind its past. Faults: `invalid_argument` where embeddings do not fit it. */
export const beginPrompt = async (
  input: PrefillInput,
  { graph, placeholders, past }: PromptRunOptions,
): Promise<PromptRun> => {
  const { kvHeads, headSize } = graph.layout;
  const { kvType, hiddenSize } = graph;
  const { tokenIds } = input;
  const begun = past.tokens;
  const embeds = await graph.embed(tokenIds.subarray(begun));
  const sight =
    graph.cross === undefined ? undefined : promptSight(input, placeholders, graph.cross, kvType);
  if (graph.cross === undefined) splice(input, embeds, { placeholders, begun, hiddenSize });
  let whole = past;
  let logits = new Float32Array(0);

  return {
    get remainingTokens() {
      return tokenIds.length - whole.tokens;
    },
    advance: async (most) => {
      const { tokens: first, tensors } = whole;
      const newTokens = Math.min(most, tokenIds.length - first);
      const end = first + newTokens;
      const shape = [1, kvHeads, first, headSize];
      const result = await graph.run({
        rows: 1,
        newTokens,
        pastTokens: first,
        embeds: embeds.subarray((first - begun) * hiddenSize, (end - begun) * hiddenSize),
        positions: Int32Array.from({ length: newTokens }, (_, index) => first + index),
        past: graph.kvNames.map((_, index) =>
          floatTensor(kvType, tensors[index] ?? emptyFloats(kvType, 0), shape),
        ),
        sight: sight && sightOf(sight, first, end),
      });
      const made = { tokens: newTokens, tensors: result.present };
      whole =
        graph.cacheOutput === 'new'
          ? appendTokens(whole, made, { kvHeads, headSize, type: kvType })
          : { tokens: end, tensors: result.present };
      logits = result.logits.slice(result.logits.length - graph.vocabularySize);
    },
    result: () => ({ logits, whole }),
  };
};

const splice = (
  input: PrefillInput,
  embeds: FloatData,
  options: {
    readonly placeholders: readonly number[];
    readonly begun: number;
    readonly hiddenSize: number;
  },
): void => {
  const { placeholders, begun, hiddenSize } = options;
  // A placeholder that the model itself has said is a word like any other and stands for no embedding.
  const prompt = input.tokenIds.subarray(0, input.tokenIds.length - input.tokenIndex);
  const held = prompt.subarray(0, begun).filter((token) => placeholders.includes(token));
  const embeddings = restEmbeddings(input.embeddings, input.media ?? [], held.length);
  spliceEmbeddings(embeds, embeddings, {
    tokenIds: prompt.subarray(begun),
    placeholders,
    hiddenSize,
  });
};

/** What some tokens of a prompt see of the media. */
const sightOf = (sight: CrossSight, first: number, end: number): CrossSight => ({
  ...sight,
  mask: sight.mask.subarray(first * sight.tokens, end * sight.tokens),
});
