import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import sharp from 'sharp';
import type { Embedding, EncodeEngine, Medium } from '../contract.ts';
import { fixtureFolders } from '../testing/fixture-folders.ts';
import { testImage } from '../testing/test-image.ts';
import { onnxEncodeEngine } from './encode-engine.ts';

jest.setTimeout(60_000);

const never = new AbortController().signal;
const modelDir = fixtureFolders.panel;

const mediumOf = (bytes: Uint8Array): Medium => ({
  kind: 'file',
  modality: 'image',
  bytes,
  tokens: 36,
});

describe('media whose content is known', () => {
  let engine: EncodeEngine;
  let cat: Uint8Array;
  let dog: Uint8Array;
  /** Other bytes, the same pixels. */
  let catAgain: Uint8Array;
  beforeAll(async () => {
    engine = await onnxEncodeEngine({ modelDir });
    [cat, dog] = await Promise.all([testImage(1, 96, 96), testImage(2, 96, 96)]);
    const { data, info } = await sharp(cat)
      .flatten({ background: '#fff' })
      .raw()
      .toBuffer({ resolveWithObject: true });
    const { width, height } = info;
    catAgain = await sharp(data, { raw: { width, height, channels: 3 } })
      .png({ compressionLevel: 0 })
      .toBuffer();
  });
  afterAll(() => engine.close());

  const encode = async (media: readonly Uint8Array[], known?: Embedding) => {
    const keys: string[] = [];
    const outcomes = await engine.encode(media.map(mediumOf), never, (index, { contentKey }) => {
      keys[index] = contentKey;
      return known;
    });
    const values = outcomes.map((outcome) => {
      if (outcome.kind === 'failed') throw outcome.fault;
      return outcome.value;
    });
    return { keys, values };
  };

  it('has one key for the same pixels in another file, and another for other pixels', async () => {
    const { keys, values } = await encode([cat, dog, catAgain]);
    expect(keys[2]).toBe(keys[0]);
    expect(keys[1]).not.toBe(keys[0]);
    // Encoded once: not equal, but the same.
    expect(values[2]).toBe(values[0]);
    expect(values[1]).not.toEqual(values[0]);
  });

  it('is taken from whoever knows it, if it has the right number of tokens', async () => {
    const known: Embedding = [
      { name: 'known', dataType: 'float32', shape: [36, 2], data: new Float32Array(72) },
    ];
    expect((await encode([cat], known)).values).toEqual([known]);
    const short: Embedding = [
      { name: 'short', dataType: 'float32', shape: [35, 2], data: new Float32Array(70) },
    ];
    await expect(encode([cat], short)).rejects.toMatchObject({ code: 'invalid_argument' });
  });

  it('has another key in another precision', async () => {
    const int8 = await onnxEncodeEngine({ modelDir, precision: 'int8' });
    expect(int8.scope).not.toBe(engine.scope);
    const keys: string[] = [];
    await int8.encode([mediumOf(cat)], never, (_, { contentKey }) => {
      keys.push(contentKey);
      return undefined;
    });
    expect(keys).not.toEqual((await encode([cat])).keys);
    await int8.close();
  });
});
