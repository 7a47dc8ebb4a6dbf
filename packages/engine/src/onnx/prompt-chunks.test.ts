import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { type Random, seededRandom } from '@isotherm/kernel';
import type { Embedding, PrefillEngine, PrefillInput, PrefillOutput } from '../contract.ts';
import { crossNames } from '../model-folder/kv-layout.ts';
import { type ModelFolder, readModelFolder } from '../model-folder/model-folder.ts';
import { fixtureFolders } from '../testing/fixture-folders.ts';
import { onnxPrefillEngine } from './prefill-engine.ts';

jest.setTimeout(60_000);

const never = new AbortController().signal;
const differenceMax = 1e-3;

/** A prompt of words, with a run of placeholders in it. */
const promptOf = (tokens: number, placeholder: number, rows: number, random: Random) => {
  const tokenIds = Int32Array.from({ length: tokens }, () => 20 + Math.floor(random() * 200));
  tokenIds.fill(placeholder, 1, 1 + rows);
  return tokenIds;
};

const inputOf = (
  tokenIds: Int32Array,
  rows: number,
  hiddenSize: number,
  random: Random,
): PrefillInput => ({
  tokenIds,
  embeddings: [
    [
      {
        name: 'image_features',
        dataType: 'float32',
        shape: [rows, hiddenSize],
        data: new Float32Array(rows * hiddenSize).map(() => random() - 0.5),
      },
    ],
  ],
  sampling: { temperature: 0, topP: 1, seed: 0 },
  tokenIndex: 0,
});

/** A conversation in which cross-attention sees one picture, then two side by side; their numbers are noise. */
const crossInputOf = (
  tokens: number,
  { layouts, placeholderIds }: ModelFolder,
  random: Random,
): PrefillInput => {
  const { cross } = layouts;
  if (cross === undefined) throw new Error('the model has cross-attention');
  const tokenIds = promptOf(tokens, placeholderIds.image ?? 0, 1, random);
  tokenIds.fill(placeholderIds.image ?? 0, 6, 8);
  const shape = [cross.kvHeads, 12, cross.headSize];
  const length = cross.kvHeads * 12 * cross.headSize;
  const embedding = (): Embedding =>
    crossNames(cross).map((name) => ({
      ...{ name, dataType: 'float32', shape },
      data: Float32Array.from({ length }, () => random() - 0.5),
    }));
  const embeddings = [embedding(), embedding(), embedding()];
  return { tokenIds, embeddings, sampling: { temperature: 0, topP: 1, seed: 0 }, tokenIndex: 0 };
};

const expectSame = (one: PrefillOutput, other: PrefillOutput): void => {
  expect(one.token).toBe(other.token);
  one.kvCache.forEach((tensor, index) => {
    const same = other.kvCache[index];
    expect(tensor.shape).toEqual(same?.shape);
    const worst = Array.from(tensor.data).reduce(
      (max, value, at) => Math.max(max, Math.abs(value - (same?.data[at] ?? Number.NaN))),
      0,
    );
    expect(worst).toBeLessThan(differenceMax);
  });
};

describe.each([
  { name: 'deltas', dir: fixtureFolders.panel, options: {} },
  { name: 'the whole cache', dir: fixtureFolders.panel, options: { decoder: 'merged' as const } },
  { name: 'tiles and plain attention', dir: fixtureFolders.idefics3, options: {} },
  { name: 'cross-attention', dir: fixtureFolders.panelX, options: {} },
  { name: 'grouped-query attention', dir: fixtureFolders.grouped, options: {} },
])('a prompt in chunks, on a graph with $name', ({ dir, options }) => {
  const engines = new Map<number, PrefillEngine>();
  beforeAll(async () => {
    for (const chunkTokens of [1 << 20, 5, 64]) {
      engines.set(chunkTokens, await onnxPrefillEngine({ modelDir: dir, chunkTokens, ...options }));
    }
  });
  afterAll(() => Promise.all([...engines.values()].map((engine) => engine.close())));

  it('gives the token and the cache that it gives at once', async () => {
    const folder = await readModelFolder(dir);
    const { facts, placeholderIds, layouts } = folder;
    const random = seededRandom(5);
    for (const tokens of [12, 130]) {
      const rows = 8;
      const prompt = promptOf(tokens, placeholderIds.image ?? 0, rows, random);
      const input =
        layouts.cross === undefined
          ? inputOf(prompt, rows, facts('fp32').hiddenSize, random)
          : crossInputOf(tokens, folder, random);
      const [whole, ...inChunks] = await Promise.all(
        [...engines.values()].map((engine) => engine.prefill(input, never)),
      );
      for (const each of inChunks) if (whole !== undefined) expectSame(each, whole);
    }
  });
});

describe('a prompt of the longest context', () => {
  it('keeps short ones waiting for a chunk of it, not for its end', async () => {
    const { facts } = await readModelFolder(fixtureFolders.panel);
    const engine = await onnxPrefillEngine({ modelDir: fixtureFolders.panel, chunkTokens: 64 });
    const order: string[] = [];
    const run = async (name: string, tokens: number): Promise<void> => {
      const tokenIds = promptOf(tokens, 20, 0, seededRandom(1));
      const sampling = { temperature: 0, topP: 1, seed: 0 };
      await engine.prefill({ tokenIds, embeddings: [], sampling, tokenIndex: 0 }, never);
      order.push(name);
    };
    const long = run('long', facts('fp32').contextMax - 1);
    await Promise.all([long, ...Array.from({ length: 20 }, () => run('short', 20))]);
    expect(order.at(-1)).toBe('long');
    expect(order).toHaveLength(21);
    await engine.close();
  });
});
