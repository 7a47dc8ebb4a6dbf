import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onnxDecodeEngine } from '@isotherm/engine';
import { provideWeighty, type WeightyFolders } from './provide-weighty.ts';
import { tinyShape, type WeightyShape } from './shape.ts';

/** As deep as the weighty model: rounding adds up over the layers. */
const deepShape: WeightyShape = {
  ...tinyShape,
  decoder: {
    ...tinyShape.decoder,
    ...{ hidden: 128, heads: 4, kvHeads: 2, headSize: 32, feedForward: 256, layers: 30 },
  },
};

describe('the weighty model', () => {
  let root: string;
  let folders: WeightyFolders;
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'isotherm-weighty-'));
    folders = await provideWeighty(join(root, 'weighty'), deepShape, () => undefined);
  });
  afterAll(() => rm(root, { recursive: true }));

  // Random int8 weights round by the batch's range by more than any error of a shipped model.
  it.each([
    { attention: 'grouped', precision: 'fp32', runner: 'inPlace' },
    { attention: 'grouped', precision: 'int8', runner: 'inPlace' },
    { attention: 'plain', precision: 'fp32', runner: 'masked' },
    { attention: 'plain', precision: 'int8', runner: 'masked' },
  ] as const)('is decoded $runner with $attention attention in $precision', async (each) => {
    const engine = await onnxDecodeEngine({
      modelDir: folders[each.attention],
      precision: each.precision,
      threads: 1,
      slots: 2,
      contextMax: 64,
    });
    const { runner } = engine;
    await engine.close();
    expect(runner).toBe(each.runner);
  });
});
