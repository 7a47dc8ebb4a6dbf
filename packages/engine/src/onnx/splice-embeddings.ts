import { Fault } from '@isotherm/kernel';
import type { Tensor } from '../contract.ts';
import { asFloatType, type FloatData, floatsOf } from './float-data.ts';

export interface SpliceOptions {
  /** The prompt, without generated tokens. */
  readonly tokenIds: Int32Array;
  /** Tokens that stand for one row of an embedding, of whatever modality. */
  readonly placeholders: readonly number[];
  readonly hiddenSize: number;
}

/**
 * Puts the rows of the embeddings, in order, in the place of the placeholders' rows. Changes `embeds`,
 * [tokens, hiddenSize]. Faults: `invalid_argument` when counts or widths do not fit.
 */
export const spliceEmbeddings = (
  embeds: FloatData,
  embeddings: readonly Tensor[],
  { tokenIds, placeholders, hiddenSize }: SpliceOptions,
): void => {
  const places: number[] = [];
  tokenIds.forEach((token, index) => {
    if (placeholders.includes(token)) places.push(index);
  });
  const rows = embeddings.reduce((sum, embedding) => sum + rowsOf(embedding, hiddenSize), 0);
  if (rows !== places.length) {
    throw new Fault(
      'invalid_argument',
      `The prompt has ${places.length} media placeholders; its ${embeddings.length} embeddings have ${rows} rows.`,
    );
  }
  const type = embeds instanceof Float32Array ? 'float32' : 'float16';
  let next = 0;
  for (const embedding of embeddings) {
    const data = asFloatType(floatsOf(embedding), type);
    for (let row = 0; row < rowsOf(embedding, hiddenSize); row++) {
      const place = places[next++] ?? 0;
      embeds.set(data.subarray(row * hiddenSize, (row + 1) * hiddenSize), place * hiddenSize);
    }
  }
};

const rowsOf = (embedding: Tensor, hiddenSize: number): number => {
  const [rows = -1, width = -1] = embedding.shape;
  if (
    embedding.shape.length !== 2 ||
    width !== hiddenSize ||
    embedding.data.length !== rows * width
  ) {
    throw new Fault(
      'invalid_argument',
      `An embedding has shape [${embedding.shape.join(', ')}]; [tokens, ${hiddenSize}] is expected.`,
    );
  }
  return rows;
};
