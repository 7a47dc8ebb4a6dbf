import { describe, expect, it } from '@jest/globals';
import { appendTokens, blockBytes, cutBlock, joinBlocks, type KvPast } from './kv-blocks.ts';

const shape = { kvHeads: 2, headSize: 3, blockTokens: 4, type: 'float32' } as const;

/** Tensors whose numbers name their tensor, head, token and place. */
const pastOf = (tokens: number, first = 0): KvPast => ({
  tokens,
  tensors: [0, 1].map((tensor) =>
    Float32Array.from({ length: 2 * tokens * 3 }, (_, index) => {
      const head = Math.floor(index / (tokens * 3));
      const token = Math.floor(index / 3) % tokens;
      return tensor * 1e4 + head * 1e3 + (first + token) * 10 + (index % 3);
    }),
  ),
});

describe('blocks of a KV cache', () => {
  it('make up the cache that they were cut from', () => {
    const past = pastOf(9);
    const blocks = [0, 1].map((index) => cutBlock(past, index, shape));
    expect(joinBlocks(blocks, 2, shape)).toEqual(pastOf(8));
    expect(blocks.map((block) => block.byteLength)).toEqual([96, 96].map((tokens) => tokens * 2));
    expect(blockBytes(shape, 2)).toBe(blocks[0]?.byteLength);
  });

  it('are copies: what happens to the cache afterwards does not matter', () => {
    const past = pastOf(4);
    const block = cutBlock(past, 0, shape);
    for (const tensor of past.tensors) tensor.fill(0);
    expect(joinBlocks([block], 2, shape)).toEqual(pastOf(4));
  });

  it('are continued by further tokens', () => {
    expect(appendTokens(pastOf(8), pastOf(3, 8), shape)).toEqual(pastOf(11));
    expect(appendTokens(pastOf(0), pastOf(3), shape)).toEqual(pastOf(3));
  });
});
