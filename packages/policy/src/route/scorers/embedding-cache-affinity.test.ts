import { describe, expect, it } from '@jest/globals';
import { exampleInstance, exampleRequest } from '../example-instance.ts';
import { embeddingCacheAffinityScorer } from './embedding-cache-affinity.ts';

const encoder = (id: string, keys: readonly string[], bookedTokens = 0) =>
  exampleInstance(id, { stage: 'encode', cacheKeys: new Set(keys), bookedTokens });

const scores = (
  instances: readonly ReturnType<typeof encoder>[],
  cacheKeys: readonly string[] = ['cat'],
) =>
  embeddingCacheAffinityScorer.score(
    instances,
    exampleRequest({ stage: 'encode', tokens: 36, cacheKeys }),
  );

describe('embedding-cache-affinity', () => {
  it.each([
    {
      name: 'whoever holds the medium scores 1',
      held: [['cat'], ['dog'], []],
      expected: [1, 0, 0],
    },
    {
      name: 'all that hold it score alike',
      held: [['cat', 'dog'], ['cat'], []],
      expected: [1, 1, 0],
    },
    { name: 'nobody holds it', held: [[], ['dog']], expected: [0, 0] },
  ])('$name', ({ held, expected }) => {
    expect(scores(held.map((keys, index) => encoder(`e${index}`, keys)))).toEqual(expected);
  });

  it('counts for nothing where the medium is not known', () => {
    expect(scores([encoder('a', ['cat'])], [])).toEqual([0]);
  });

  it('holds its tongue for other stages', () => {
    const request = exampleRequest({ stage: 'prefill', cacheKeys: ['cat'] });
    expect(embeddingCacheAffinityScorer.score([encoder('a', ['cat'])], request)).toEqual([0]);
  });

  it('bears a queue of some pictures at the holder, since a hit passes it, but no more', () => {
    const idle = encoder('idle', []);
    expect(scores([encoder('busy', ['cat'], 16 * 36), idle])).toEqual([1, 0]);
    expect(scores([encoder('busy', ['cat'], 16 * 36 + 1), idle])).toEqual([0, 0]);
  });
});
