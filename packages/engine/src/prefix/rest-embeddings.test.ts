import { describe, expect, it } from '@jest/globals';
import type { Embedding } from '../contract.ts';
import { restEmbeddings } from './rest-embeddings.ts';

/** An embedding of some rows of two numbers, which name the medium and the row. */
const embedding = (name: number, rows: number): Embedding => [
  {
    name: 'image_features',
    dataType: 'float32',
    shape: [rows, 2],
    data: Float32Array.from({ length: rows * 2 }, (_, index) => name * 10 + Math.floor(index / 2)),
  },
];
const media = [3, 2].map((tokens) => ({ key: 'k', tokens }));
const rowsOf = (rows: number, embeddings = [embedding(1, 3), embedding(2, 2)]) =>
  restEmbeddings(embeddings, media, rows).map(({ shape, data }) => ({
    rows: shape[0],
    values: [...data].filter((_, index) => index % 2 === 0),
  }));

describe('restEmbeddings', () => {
  it.each([
    {
      held: 0,
      expected: [
        [10, 11, 12],
        [20, 21],
      ],
    },
    { held: 2, expected: [[12], [20, 21]] },
    { held: 3, expected: [[20, 21]] },
    { held: 4, expected: [[21]] },
    { held: 5, expected: [] },
  ])('leaves out the $held rows that are held', ({ held, expected }) => {
    expect(rowsOf(held).map(({ values }) => values)).toEqual(expected);
    expect(rowsOf(held).map(({ rows }) => rows)).toEqual(expected.map((values) => values.length));
  });

  it('needs no embedding that is held wholly', () => {
    expect(rowsOf(3, [[], embedding(2, 2)])).toHaveLength(1);
  });

  it('names one that is not held after all', () => {
    expect(() => rowsOf(2, [[], embedding(2, 2)])).toThrow(
      expect.objectContaining({ code: 'not_found' }),
    );
  });
});
