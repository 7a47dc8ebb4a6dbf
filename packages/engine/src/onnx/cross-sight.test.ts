import { describe, expect, it } from '@jest/globals';
import type { Embedding } from '../contract.ts';
import { mediaSight, promptSight, seenAfter } from './cross-sight.ts';

const image = 3;
const cross = {
  layout: { layers: [1], kvHeads: 2, headSize: 1 },
  names: ['cross_key_values.1.key', 'cross_key_values.1.value'],
};

/** Two heads of one number a token: owner, head and position. */
const embeddingOf = (owner: number, tokens: number): Embedding =>
  cross.names.map((name, part) => ({
    name,
    dataType: 'float32',
    shape: [2, tokens, 1],
    data: Float32Array.from({ length: 2 * tokens }, (_, index) => {
      const head = Math.floor(index / tokens);
      return part * 1000 + owner * 100 + head * 10 + (index % tokens);
    }),
  }));

const sightOf = (...tokens: number[]) => {
  const sight = mediaSight(Int32Array.from(tokens), [image]);
  return { spans: sight.tokens.map(({ first, end }) => [first, end]), next: sight.next };
};

describe('mediaSight', () => {
  it('lets nothing be seen before the first placeholder, and all after it see it', () => {
    expect(sightOf(1, image, 7, 8)).toEqual({
      spans: [
        [0, 0],
        [0, 1],
        [0, 1],
        [0, 1],
      ],
      next: { first: 0, end: 1 },
    });
    expect(sightOf(1, 7)).toMatchObject({ next: { first: 0, end: 0 } });
  });

  it('lets media side by side be seen together, and a later one take their place', () => {
    const { spans, next } = sightOf(image, image, 7, image, 8);
    expect(spans).toEqual([
      [0, 1],
      [0, 2],
      [0, 2],
      [2, 3],
      [2, 3],
    ]);
    expect(next).toEqual({ first: 2, end: 3 });
  });
});

describe('promptSight', () => {
  const input = {
    tokenIds: Int32Array.of(5, image, image, 9, image),
    // The last one was generated: a word like any other.
    tokenIndex: 1,
    embeddings: [embeddingOf(1, 2), embeddingOf(2, 1)],
  };

  it('lays media side by side, head by head, and masks what a token does not see', () => {
    const sight = promptSight(input, [image], cross, 'float32');
    expect(sight?.tokens).toBe(3);
    expect([...(sight?.states[0] ?? [])]).toEqual([100, 101, 200, 110, 111, 210]);
    expect([...(sight?.states[1] ?? [])]).toEqual([1100, 1101, 1200, 1110, 1111, 1210]);
    const rows = Array.from({ length: 5 }, (_, row) =>
      [...(sight?.mask.subarray(row * 3, row * 3 + 3) ?? [])].map(Number),
    );
    expect(rows).toEqual([
      [0, 0, 0],
      [1, 1, 0],
      [1, 1, 1],
      [1, 1, 1],
      [1, 1, 1],
    ]);
  });

  it('gives nothing for a prompt without media', () => {
    const text = { tokenIds: Int32Array.of(5, 6), tokenIndex: 0, embeddings: [] };
    expect(promptSight(text, [image], cross, 'float32')).toBeUndefined();
    expect(seenAfter(text, [image], cross)).toEqual([]);
  });

  it('hands a single medium on without a copy', () => {
    const [, second] = input.embeddings;
    const turns = { ...input, tokenIds: Int32Array.of(image, 7, image, 8, 9) };
    expect(seenAfter(turns, [image], cross)[0]).toBe(second?.[0]);
  });

  it('refuses what the decoder cannot read', () => {
    const refusals = [
      { ...input, tokenIndex: 0 },
      { ...input, embeddings: [embeddingOf(1, 2)] },
      { ...input, embeddings: [embeddingOf(1, 2), embeddingOf(2, 1).slice(1)] },
      { ...input, embeddings: [embeddingOf(1, 2), embeddingOf(2, 3).map(short)] },
    ];
    for (const refused of refusals) {
      expect(() => promptSight(refused, [image], cross, 'float32')).toThrow(
        expect.objectContaining({ code: 'invalid_argument' }),
      );
    }
  });
});

const short = (tensor: Embedding[number]): Embedding[number] => ({ ...tensor, shape: [2, 4, 1] });
