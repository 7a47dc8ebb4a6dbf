import { invariant } from '@isotherm/kernel';
import { Tensor } from 'onnxruntime-node';
import { crossNames, type KvLayout } from '../model-folder/kv-layout.ts';

/** Inputs of a decoder with cross-attention, for the prompt and for each token after it. */
export interface CrossFeeds {
  readonly prompt: Readonly<Record<string, Tensor>>;
  readonly next: Readonly<Record<string, Tensor>>;
}

/** Keys and values of one picture by name, each [1, kvHeads, tokens, headSize]. */
export type PictureStates = Readonly<Record<string, Tensor>>;

/** All pictures side by side, and a mask that says who sees which: always all of them, masked or not. */
export const plainCrossFeeds = (
  layout: KvLayout,
  pictures: readonly PictureStates[],
  tokenIds: Int32Array,
  placeholder: number | undefined,
): CrossFeeds => {
  const names = crossNames(layout);
  const widths = pictures.map((picture) => picture[names[0] ?? '']?.dims[2] ?? 0);
  const width = Math.max(1, sum(widths));
  const states = Object.fromEntries(
    names.map((name) => [
      name,
      joined(
        pictures.map((picture) => picture[name]),
        layout,
        width,
      ),
    ]),
  );
  const rows = seenPictures([...tokenIds], placeholder).map((seen) => {
    const row = widths.flatMap((each, index) =>
      new Array<number>(each).fill(seen.includes(index) ? 1 : 0),
    );
    return pictures.length === 0 ? [0] : row;
  });
  const mask = (each: readonly (readonly number[])[]): Tensor =>
    new Tensor('int64', BigInt64Array.from(each.flat(), BigInt), [1, each.length, width]);
  return {
    prompt: { ...states, cross_attention_mask: mask(rows) },
    next: { ...states, cross_attention_mask: mask(rows.slice(-1)) },
  };
};

/**
 * For each token the pictures that it sees, worked out as `transformers` does it: a picture is seen from its placeholder
 * up to the next one; where placeholders stand side by side, up to the end of the last of them.
 */
const seenPictures = (
  tokens: readonly number[],
  placeholder: number | undefined,
): readonly (readonly number[])[] => {
  const starts = tokens.flatMap((token, index) => (token === placeholder ? [index] : []));
  const ends = starts.map((_, picture) => starts[picture + 1] ?? tokens.length);
  for (let picture = starts.length - 2; picture >= 0; picture--) {
    if (ends[picture] === (starts[picture] ?? 0) + 1) ends[picture] = ends[picture + 1] ?? 0;
  }
  return tokens.map((_, index) =>
    starts.flatMap((start, picture) =>
      start <= index && index < (ends[picture] ?? 0) ? [picture] : [],
    ),
  );
};

const joined = (
  parts: readonly (Tensor | undefined)[],
  { kvHeads, headSize }: KvLayout,
  width: number,
): Tensor => {
  const values: number[] = [];
  for (let head = 0; head < kvHeads; head++) {
    for (const part of parts) {
      invariant(part?.data instanceof Float32Array, 'the reference runs float32 tensors only');
      const length = part.data.length / kvHeads;
      values.push(...part.data.subarray(head * length, (head + 1) * length));
    }
  }
  const data = new Float32Array(kvHeads * width * headSize);
  data.set(values);
  return new Tensor('float32', data, [1, kvHeads, width, headSize]);
};

const sum = (values: readonly number[]): number =>
  values.reduce((total, value) => total + value, 0);
