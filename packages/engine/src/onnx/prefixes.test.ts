import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { type Random, seededRandom } from '@isotherm/kernel';
import type {
  Embedding,
  PrefillEngine,
  PrefillInput,
  PrefillOutput,
  PrefixMedium,
  Tensor,
} from '../contract.ts';
import { crossNames } from '../model-folder/kv-layout.ts';
import { readModelFolder } from '../model-folder/model-folder.ts';
import { fixtureFolders } from '../testing/fixture-folders.ts';
import { onnxPrefillEngine } from './prefill-engine.ts';

jest.setTimeout(60_000);

const never = new AbortController().signal;
const sampling = { temperature: 0, topP: 1, seed: 0 };
const bytesMax = 3_000_000;

interface Model {
  /** An embedding of some rows whose numbers depend on the picture. */
  embedding(picture: number, rows: number): Embedding;
  /** Placeholders of a picture of so many rows. */
  places(rows: number): number[];
  /** Bytes of a block of 8 tokens. */
  readonly blockBytes: number;
}

const modelOf = async (dir: string): Promise<Model> => {
  const { facts, placeholderIds, layouts } = await readModelFolder(dir);
  const { hiddenSize, kvBytesPerToken } = facts('fp32');
  const { cross } = layouts;
  return {
    embedding: (picture, rows) =>
      cross === undefined
        ? [tensorOf(picture, 'image_features', [rows, hiddenSize])]
        : crossNames(cross).map((name, index) =>
            tensorOf(picture * 100 + index, name, [cross.kvHeads, rows, cross.headSize]),
          ),
    places: (rows) =>
      new Array<number>(cross === undefined ? rows : 1).fill(placeholderIds.image ?? -1),
    blockBytes: 8 * kvBytesPerToken,
  };
};

const tensorOf = (seed: number, name: string, shape: readonly number[]): Tensor => {
  const random = seededRandom(seed + 1);
  const length = shape.reduce((product, extent) => product * extent, 1);
  return {
    name,
    dataType: 'float32',
    shape,
    data: Float32Array.from({ length }, () => random() - 0.5),
  };
};

/** Prompts from few beginnings, pictures and endings, so that many have some in common. */
const promptOf = (model: Model, random: Random): PrefillInput => {
  const below = (count: number): number => Math.floor(random() * count);
  const words = (seed: number, count: number): number[] =>
    Array.from({ length: count }, (_, at) => 20 + ((seed * 31 + at * 7) % 90));
  const rows = 12;
  const pictures = Array.from({ length: below(3) }, () => below(3));
  const generated = words(below(3), below(2) * below(10));
  const tokens = [
    ...words(below(2), 4 + below(2) * 9),
    ...pictures.flatMap((picture) => [...model.places(rows), ...words(picture, 2)]),
    ...words(10 + below(3), 1 + below(12)),
    ...generated,
  ];
  return {
    tokenIds: Int32Array.from(tokens),
    embeddings: pictures.map((picture) => model.embedding(picture, rows)),
    media: pictures.map((picture): PrefixMedium => ({ key: `picture ${picture}`, tokens: rows })),
    sampling,
    tokenIndex: generated.length,
  };
};

/** Largest difference between two KV caches. */
const distance = (left: PrefillOutput, right: PrefillOutput): number =>
  left.kvCache.reduce((most, tensor, index) => {
    const other = right.kvCache[index]?.data ?? [];
    expect(tensor.shape).toEqual(right.kvCache[index]?.shape);
    return Array.from(tensor.data).reduce(
      (worst, value, at) => Math.max(worst, Math.abs(value - (other[at] ?? Infinity))),
      most,
    );
  }, 0);

describe.each(['panel', 'panelX', 'idefics3', 'grouped'] as const)('prefixes of %s', (name) => {
  let model: Model;
  let plain: PrefillEngine;
  let caching: PrefillEngine;

  beforeAll(async () => {
    const modelDir = fixtureFolders[name];
    model = await modelOf(modelDir);
    [plain, caching] = await Promise.all([
      onnxPrefillEngine({ modelDir }),
      onnxPrefillEngine({ modelDir, prefixes: { bytesMax, blockTokens: 8 } }),
    ]);
  });
  afterAll(async () => {
    await Promise.all([plain.close(), caching.close()]);
  });

  it('change no token, whatever prompts have in common, within their bytes', async () => {
    const random = seededRandom(7);
    let cached = 0;
    for (let round = 0; round < 40; round++) {
      const input = promptOf(model, random);
      const [one, other] = await Promise.all([
        plain.prefill(input, never),
        caching.prefill(input, never),
      ]);
      expect(other.token).toBe(one.token);
      expect(distance(one, other)).toBeLessThan(1e-4);
      const tokens = other.cachedTokens ?? 0;
      expect(tokens % 8).toBe(0);
      expect(tokens).toBeLessThan(input.tokenIds.length);
      cached += tokens;
      expect(caching.prefixes?.status().bytes).toBeLessThanOrEqual(bytesMax);
    }
    expect(cached).toBeGreaterThan(200);
    const { entries = 0, bytes = 0, hits = 0, misses = 0 } = caching.prefixes?.status() ?? {};
    expect([hits + misses, bytes, caching.prefixes?.keys().length]).toEqual([
      40,
      entries * model.blockBytes,
      entries,
    ]);
  });

  it('need no embedding whose rows are held, and say so when one is needed', async () => {
    const picture = 9;
    const start = [50, ...model.places(12), 51, 52, 53];
    const input = {
      tokenIds: Int32Array.from([...start, 60, 61]),
      embeddings: [model.embedding(picture, 12)],
      media: [{ key: 'picture 9', tokens: 12 }],
      sampling,
      tokenIndex: 0,
    };
    if (name === 'panelX') {
      // With cross-attention every later token looks at the media themselves: what is held saves the text alone.
      const words = Array.from({ length: 16 }, (_, index) => 60 + index);
      const long = { ...input, tokenIds: Int32Array.from([...start, ...words]) };
      const one = await caching.prefill(long, never);
      expect(caching.prefixes?.heldMedia(long)).toBe(0);
      const again = await caching.prefill(long, never);
      expect([again.token, again.cachedTokens]).toEqual([one.token, 16]);
      expect(again.kvCache.slice(-6).map(({ data }) => data)).toEqual(
        input.embeddings.flat().map(({ data }) => data),
      );
      const without = caching.prefill({ ...long, embeddings: [[]] }, never);
      await expect(without).rejects.toMatchObject({ code: 'invalid_argument' });
      return;
    }
    const first = await caching.prefill(input, never);
    expect(caching.prefixes?.heldMedia(input)).toBe(1);
    const again = await caching.prefill({ ...input, embeddings: [[]] }, never);
    expect([again.token, again.cachedTokens]).toEqual([first.token, 16]);
    const other = { ...input, embeddings: [[]], media: [{ key: 'picture 10', tokens: 12 }] };
    expect(caching.prefixes?.heldMedia(other)).toBe(0);
    await expect(caching.prefill(other, never)).rejects.toMatchObject({ code: 'not_found' });
  });

  it('are never those of the same text with another picture, or one that is not named', async () => {
    const of = (picture: number, key: string): PrefillInput => ({
      tokenIds: Int32Array.from([...model.places(12), 70, 71, 72, 73, 74]),
      embeddings: [model.embedding(picture, 12)],
      media: [{ key, tokens: 12 }],
      sampling,
      tokenIndex: 0,
    });
    await caching.prefill(of(3, 'three'), never);
    const [expected, got] = await Promise.all([
      plain.prefill(of(4, 'four'), never),
      caching.prefill(of(4, 'four'), never),
    ]);
    expect(got.cachedTokens).toBe(0);
    expect(distance(expected, got)).toBeLessThan(1e-4);
    const unnamed = await caching.prefill(of(3, ''), never);
    expect(unnamed.cachedTokens).toBe(0);
  });
});

describe('a prefix cache whose callers leave', () => {
  it('still hears what its thread has kept', async () => {
    const modelDir = fixtureFolders.grouped;
    const model = await modelOf(modelDir);
    const engine = await onnxPrefillEngine({ modelDir, prefixes: { bytesMax, blockTokens: 8 } });
    const leaver = new AbortController();
    const input = promptOf(model, seededRandom(3));
    const left = engine.prefill(input, leaver.signal);
    leaver.abort();
    await expect(left).rejects.toMatchObject({ code: 'cancelled' });
    await engine.prefill(input, never);
    expect(engine.prefixes?.status()).toMatchObject({ hits: 1, misses: 1 });
    await engine.close();
  });
});
