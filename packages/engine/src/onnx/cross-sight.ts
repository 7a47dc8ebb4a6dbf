import { Fault } from '@isotherm/kernel';
import type { Embedding, PrefillInput, Tensor } from '../contract.ts';
import type { CrossInputs, CrossSight } from './decoder-graph.ts';
import { asFloatType, emptyFloats, floatsOf, type FloatType } from './float-data.ts';

/** What the tokens of a sequence see of its media, by the rule of mllama. */
export interface MediaSight {
  /** For each token the media that it sees: those from `first` to `end`, without the latter. */
  readonly tokens: readonly Span[];
  /** What every later token sees. */
  readonly next: Span;
}

export interface Span {
  readonly first: number;
  readonly end: number;
}

/**
 * A token sees the medium whose placeholder stands last before it or is itself; media whose placeholders stand side by
 * side are seen together from then on. Tokens before the first placeholder see none.
 */
export const mediaSight = (tokenIds: Int32Array, placeholders: readonly number[]): MediaSight => {
  let next: Span = { first: 0, end: 0 };
  let beside = false;
  const tokens: Span[] = [];
  for (const token of tokenIds) {
    const isMedium = placeholders.includes(token);
    if (isMedium) next = { first: beside ? next.first : next.end, end: next.end + 1 };
    beside = isMedium;
    tokens.push(next);
  }
  return { tokens, next };
};

/** Media tokens of an embedding that cross-attention reads. */
const tokensOf = (embedding: Embedding): number => embedding[0]?.shape[1] ?? 0;

/**
 * The keys and values of some media side by side, each [kvHeads, tokens, headSize]. Those of a single medium are its own
 * tensors, not copies. Faults: `invalid_argument` for an embedding that the decoder cannot read.
 */
export const sideBySide = (
  media: readonly Embedding[],
  { names, layout: { kvHeads, headSize } }: CrossInputs,
): readonly Tensor[] =>
  names.map((name): Tensor => {
    const parts = media.map((medium) => partOf(medium, name, kvHeads, headSize));
    const [only] = parts;
    if (only !== undefined && parts.length === 1) return only;
    const tokens = media.map(tokensOf);
    const total = tokens.reduce((sum, count) => sum + count, 0);
    const dataType = only?.dataType === 'float16' ? 'float16' : 'float32';
    const data = emptyFloats(dataType, kvHeads * total * headSize);
    for (let head = 0, at = 0; head < kvHeads; head++) {
      parts.forEach((part, index) => {
        const length = (tokens[index] ?? 0) * headSize;
        const floats = floatsOf(part);
        const same = part.dataType === dataType ? floats : asFloatType(floats, dataType);
        data.set(same.subarray(head * length, (head + 1) * length), at);
        at += length;
      });
    }
    return { name, dataType, shape: [kvHeads, total, headSize], data };
  });

const partOf = (medium: Embedding, name: string, kvHeads: number, headSize: number): Tensor => {
  const tokens = tokensOf(medium);
  const tensor = medium.find((each) => each.name === name);
  const fits =
    tensor !== undefined &&
    tensor.shape.join() === [kvHeads, tokens, headSize].join() &&
    tensor.data.length === kvHeads * tokens * headSize;
  if (fits) return tensor;
  const given = tensor === undefined ? 'none' : `[${tensor.shape.join(', ')}]`;
  throw new Fault(
    'invalid_argument',
    `An embedding needs ${name} as [${kvHeads}, ${tokens}, ${headSize}]; it has ${given}.`,
  );
};

type Prompt = Pick<PrefillInput, 'tokenIds' | 'tokenIndex' | 'embeddings'>;

/** Which media a prompt's tokens see; those that were generated see what the prompt's last one does. */
const sightOf = (input: Prompt, placeholders: readonly number[]): MediaSight => {
  const prompt = input.tokenIds.subarray(0, input.tokenIds.length - input.tokenIndex);
  const sight = mediaSight(prompt, placeholders);
  const { length } = input.embeddings;
  if (sight.next.end === length) return sight;
  const message = `The prompt has ${sight.next.end} media placeholders for ${length} embeddings.`;
  throw new Fault('invalid_argument', message);
};

/** What the decoder graph is fed for a prompt; undefined where it has no media. Faults: `invalid_argument`. */
export const promptSight = (
  input: Prompt,
  placeholders: readonly number[],
  cross: CrossInputs,
  type: FloatType,
): CrossSight | undefined => {
  const sight = sightOf(input, placeholders);
  if (input.embeddings.length === 0) return undefined;
  const starts = [0];
  for (const embedding of input.embeddings) starts.push((starts.at(-1) ?? 0) + tokensOf(embedding));
  const tokens = starts.at(-1) ?? 0;
  const mask = new BigInt64Array(input.tokenIds.length * tokens);
  input.tokenIds.forEach((_, row) => {
    const { first, end } = sight.tokens[row] ?? sight.next;
    mask.fill(1n, row * tokens + (starts[first] ?? 0), row * tokens + (starts[end] ?? 0));
  });
  const states = sideBySide(input.embeddings, cross).map((tensor) =>
    asFloatType(floatsOf(tensor), type),
  );
  return { tokens, mask, states };
};

/** Keys and values of the media that the tokens after a prompt see. Faults: `invalid_argument`. */
export const seenAfter = (
  input: Prompt,
  placeholders: readonly number[],
  cross: CrossInputs,
): readonly Tensor[] => {
  const { first, end } = sightOf(input, placeholders).next;
  return end === 0 ? [] : sideBySide(input.embeddings.slice(first, end), cross);
};
