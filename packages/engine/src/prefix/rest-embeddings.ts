import { Fault } from '@isotherm/kernel';
import type { Embedding, PrefixMedium, Tensor } from '../contract.ts';

/**
 * The rows of embeddings that stand behind a past which holds the first `rows` of them. An embedding that was not
 * brought along, an empty one, has to be held wholly. Faults: `not_found` when it is not: its medium is wanted after all.
 */
export const restEmbeddings = (
  embeddings: readonly Embedding[],
  media: readonly PrefixMedium[],
  rows: number,
): readonly Tensor[] => {
  let held = rows;
  return embeddings.flatMap((embedding, index): readonly Tensor[] => {
    const [tensor] = embedding;
    const tokens = tensor?.shape[0] ?? media[index]?.tokens ?? 0;
    const skipped = Math.min(held, tokens);
    held -= skipped;
    if (skipped === tokens && tokens > 0) return [];
    if (tensor === undefined) {
      throw new Fault('not_found', `Embedding ${index} of the prompt is not held after all.`);
    }
    return skipped === 0 ? embedding : [withoutRows(tensor, skipped)];
  });
};

const withoutRows = (tensor: Tensor, rows: number): Tensor => {
  const [tokens = 0, width = 0] = tensor.shape;
  return { ...tensor, shape: [tokens - rows, width], data: tensor.data.subarray(rows * width) };
};
