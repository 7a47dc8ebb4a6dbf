import type { InferenceSession } from 'onnxruntime-node';
import { emptyFloats, type FloatData } from './float-data.ts';
import { floatOutput, int64Tensor } from './session.ts';

/** Tokens to their embeddings, [tokens, hiddenSize]. */
export type TokenEmbedder = (tokens: ArrayLike<number>) => Promise<FloatData>;

export interface TokenTable {
  readonly hiddenSize: number;
  readonly vocabularySize: number;
}

/** Largest table that is kept outside of the graph; a thread that keeps one has it twice. */
const tableNumbersMax = 4 << 20;

/**
 * The embedding graph, or where its table is small the table itself, which the graph gives when it is asked for every
 * token: a look-up takes a microsecond, and a run of the graph as long as a tenth of a small decoder's step.
 */
export const tokenEmbedder = async (
  session: Pick<InferenceSession, 'run' | 'inputNames' | 'outputNames'>,
  { hiddenSize, vocabularySize }: TokenTable,
): Promise<TokenEmbedder> => {
  const run: TokenEmbedder = async (tokens) => {
    const outputs = await session.run({
      [session.inputNames[0] ?? 'input_ids']: int64Tensor(tokens, [1, tokens.length]),
    });
    return floatOutput(outputs, session.outputNames[0] ?? 'inputs_embeds').data;
  };
  if (vocabularySize * hiddenSize > tableNumbersMax) return run;
  const table = await run(Int32Array.from({ length: vocabularySize }, (_, token) => token));
  if (table.length !== vocabularySize * hiddenSize) return run;
  const type = table instanceof Float32Array ? 'float32' : 'float16';
  const lookUp: TokenEmbedder = (tokens) => {
    const embeds = emptyFloats(type, tokens.length * hiddenSize);
    for (let at = 0; at < tokens.length; at++) {
      const start = (tokens[at] ?? 0) * hiddenSize;
      embeds.set(table.subarray(start, start + hiddenSize), at * hiddenSize);
    }
    return Promise.resolve(embeds);
  };
  // A graph that embeds a token by its neighbours too is no table.
  const alone = await run([vocabularySize - 1]);
  const looked = await lookUp([vocabularySize - 1]);
  return alone.every((value, at) => value === looked[at]) ? lookUp : run;
};
