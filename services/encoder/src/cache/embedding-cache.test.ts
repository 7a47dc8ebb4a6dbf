import { describe, expect, it } from '@jest/globals';
import { type CachedEmbedding, createEmbeddingCache } from './embedding-cache.ts';

const scope = 'model fp32';
const named = (digest: string, modality = 'image') => ({ digest, modality, scope });

/** An embedding of two tokens, of eight bytes each. */
const embedding = (contentKey: string): CachedEmbedding => ({
  contentKey,
  tokens: 2,
  payload: {
    tensors: [{ name: 'e', dataType: 'float32', shape: [2, 2], data: new Float32Array(4) }],
    attributes: {},
  },
});

const first16 = (digest: string): string => digest.slice(0, 16);
const cat = 'c'.repeat(64);
const dog = 'd'.repeat(64);

describe('an embedding cache', () => {
  it('finds by file and by content, and counts', () => {
    const cache = createEmbeddingCache({ bytesMax: 100 });
    expect(cache.find(named(cat), 2)).toBeUndefined();
    const kept = cache.keep(named(cat), embedding('k'));
    expect(cache.find(named(cat), 2)).toBe(kept);
    expect(cache.findContent('k', 2)).toBe(kept.payload.tensors);
    expect(cache.status()).toMatchObject({ entries: 1, bytes: 16, hits: 2, bytesMax: 100 });
  });

  it.each([
    { name: 'another file', medium: named(dog), tokens: 2 },
    { name: 'another modality', medium: named(cat, 'video'), tokens: 2 },
    {
      name: 'another model or precision',
      medium: { ...named(cat), scope: 'model int8' },
      tokens: 2,
    },
    { name: 'another number of tokens', medium: named(cat), tokens: 3 },
  ])('does not take $name for it', ({ medium, tokens }) => {
    const cache = createEmbeddingCache({ bytesMax: 100 });
    cache.keep(named(cat), embedding('k'));
    expect(cache.find(medium, tokens)).toBeUndefined();
  });

  it('keeps one copy for files that decode alike, and knows a bounded number of them', () => {
    const cache = createEmbeddingCache({ bytesMax: 100, namesMax: 2 });
    const files = ['a', 'b', 'c'].map((letter) => letter.repeat(64));
    const kept = files.map((file) => cache.keep(named(file), embedding('k')));
    expect(new Set(kept).size).toBe(1);
    expect(cache.status()).toMatchObject({ entries: 1, bytes: 16 });
    expect(files.map((file) => cache.find(named(file), 2) === kept[0])).toEqual([
      false,
      true,
      true,
    ]);
    expect(cache.keys()).toEqual(files.slice(1).map(first16));
  });

  it('tells what came and went, once', () => {
    const cache = createEmbeddingCache({ bytesMax: 16 });
    cache.keep(named(cat), embedding('k'));
    expect(cache.changes()).toEqual({ added: [first16(cat)], removed: [] });
    cache.keep(named(dog), embedding('l'));
    expect(cache.changes()).toEqual({ added: [first16(dog)], removed: [first16(cat)] });
    expect(cache.changes()).toEqual({ added: [], removed: [] });
    expect(cache.keys()).toEqual([first16(dog)]);
    expect(cache.status()).toMatchObject({ evictions: 1 });
  });

  it('gives out what does not fit without keeping it', () => {
    const cache = createEmbeddingCache({ bytesMax: 15 });
    const large = embedding('k');
    expect(cache.keep(named(cat), large)).toBe(large);
    expect(cache.status()).toMatchObject({ entries: 0, bytes: 0 });
    expect(cache.find(named(cat), 2)).toBeUndefined();
    cache.pin('k')();
  });

  it('never drops what is under lease', () => {
    const cache = createEmbeddingCache({ bytesMax: 16 });
    cache.keep(named(cat), embedding('k'));
    const unpin = cache.pin('k');
    cache.keep(named(dog), embedding('l'));
    expect([cache.find(named(cat), 2)?.contentKey, cache.find(named(dog), 2)]).toEqual([
      'k',
      undefined,
    ]);
    unpin();
    cache.keep(named(dog), embedding('l'));
    expect(cache.find(named(cat), 2)).toBeUndefined();
  });
});
