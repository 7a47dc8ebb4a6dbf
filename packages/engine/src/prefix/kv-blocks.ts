import { emptyFloats, type FloatData, type FloatType } from '../onnx/float-data.ts';

/** What the beginning of a prompt has left: [kvHeads, tokens, headSize] for each key and value tensor of a decoder. */
export interface KvPast {
  readonly tokens: number;
  readonly tensors: readonly FloatData[];
}

/** How the tensors of a decoder's cache lie in memory. */
export interface BlockShape {
  readonly kvHeads: number;
  readonly headSize: number;
  readonly blockTokens: number;
  readonly type: FloatType;
}

/** Bytes of one block of a cache of so many tensors. */
export const blockBytes = (
  { kvHeads, headSize, blockTokens, type }: BlockShape,
  tensors: number,
): number => tensors * kvHeads * blockTokens * headSize * (type === 'float32' ? 4 : 2);

/** A copy of the block at an index: [tensors, kvHeads, blockTokens, headSize]. */
export const cutBlock = (past: KvPast, index: number, shape: BlockShape): FloatData => {
  const { kvHeads, headSize, blockTokens, type } = shape;
  const length = blockTokens * headSize;
  const block = emptyFloats(type, past.tensors.length * kvHeads * length);
  let at = 0;
  for (const tensor of past.tensors) {
    for (let head = 0; head < kvHeads; head++) {
      const from = (head * past.tokens + index * blockTokens) * headSize;
      block.set(tensor.subarray(from, from + length), at);
      at += length;
    }
  }
  return block;
};

/** The cache that blocks make up together. */
export const joinBlocks = (
  blocks: readonly FloatData[],
  tensors: number,
  shape: BlockShape,
): KvPast => {
  const { kvHeads, headSize, blockTokens, type } = shape;
  const length = blockTokens * headSize;
  const tokens = blocks.length * blockTokens;
  const joined = Array.from({ length: tensors }, (_, tensor) => {
    const data = emptyFloats(type, kvHeads * tokens * headSize);
    blocks.forEach((block, index) => {
      for (let head = 0; head < kvHeads; head++) {
        const from = (tensor * kvHeads + head) * length;
        const to = (head * tokens + index * blockTokens) * headSize;
        data.set(block.subarray(from, from + length), to);
      }
    });
    return data;
  });
  return { tokens, tensors: joined };
};

/** A past with the tensors of further tokens behind it. */
export const appendTokens = (
  past: KvPast,
  more: KvPast,
  { kvHeads, headSize, type }: Omit<BlockShape, 'blockTokens'>,
): KvPast => {
  if (past.tokens === 0) return more;
  const tokens = past.tokens + more.tokens;
  const tensors = more.tensors.map((added, index) => {
    const before = past.tensors[index] ?? emptyFloats(type, 0);
    const data = emptyFloats(type, kvHeads * tokens * headSize);
    const [first, second] = [past.tokens * headSize, more.tokens * headSize];
    for (let head = 0; head < kvHeads; head++) {
      const at = head * (first + second);
      data.set(before.subarray(head * first, (head + 1) * first), at);
      data.set(added.subarray(head * second, (head + 1) * second), at + first);
    }
    return data;
  });
  return { tokens, tensors };
};
