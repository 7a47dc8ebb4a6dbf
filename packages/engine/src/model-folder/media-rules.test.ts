import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { MediaPart } from '../contract.ts';
import { loadTextModel } from '../text/text-model.ts';
import { fixtureFolders } from '../testing/fixture-folders.ts';
import { readModelFolder } from './model-folder.ts';

const audio = (samples: number, sampleRateHz: number): MediaPart => ({
  kind: 'audio',
  samples,
  sampleRateHz,
});

describe('tokens of sounds and clips', () => {
  let dir: string;
  const change = async (name: string, changes: object): Promise<void> => {
    const value = JSON.parse(await readFile(join(dir, name), 'utf8')) as object;
    await writeFile(join(dir, name), JSON.stringify({ ...value, ...changes }));
  };
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'isotherm-model-'));
    const text = (source: string): boolean => !/\.onnx$|\/build\b/.test(source);
    await cp(fixtureFolders.panel, dir, { recursive: true, filter: text });
    await change('config.json', {
      audio_config: { model_type: 'panel_audio', seq_length: 25, windows_max: 4 },
    });
  });
  afterEach(async () => {
    await rm(dir, { recursive: true });
  });

  it.each([
    [1, 16_000, 25],
    [32_000, 16_000, 25],
    [32_001, 16_000, 50],
    [88_200, 44_100, 25],
    [88_201, 44_100, 50],
    [88_199, 44_100, 25],
    [4 * 96_000, 48_000, 100],
  ])('%d samples at %d Hz are %d tokens', async (samples, rate, tokens) => {
    const model = await loadTextModel(dir);
    expect(model.tokensOf(audio(samples, rate))).toBe(tokens);
  });

  it('refuse a sound of more windows than the model takes, in seconds', async () => {
    const model = await loadTextModel(dir);
    expect(() => model.tokensOf(audio(8 * 16_000 + 1, 16_000))).toThrow(
      expect.objectContaining({
        code: 'invalid_argument',
        message: 'The sound lasts 8.0 s; this model takes at most 8 s.',
      }),
    );
  });

  it('stand before the words in the order of the media', async () => {
    const model = await loadTextModel(dir);
    const { placeholderIds } = await readModelFolder(dir);
    const parts = [
      { kind: 'text', text: 'now' },
      { kind: 'video', frames: 9 },
      audio(40_000, 16_000),
      { kind: 'image', widthPx: 96, heightPx: 96 },
      { kind: 'video', frames: undefined },
    ] as const;
    const { tokenIds, mediaTokens } = model.prompt([{ role: 'user', parts }]);
    expect(mediaTokens).toEqual([36, 50, 36, 36]);
    const kinds = Object.entries(placeholderIds);
    const found = [...tokenIds].flatMap((token) => kinds.find(([, id]) => id === token)?.[0] ?? []);
    const run = (kind: string, count: number): string[] => new Array<string>(count).fill(kind);
    expect(found).toEqual([
      ...run('video', 36),
      ...run('audio', 50),
      ...run('image', 36),
      ...run('video', 36),
    ]);
  });

  it.each([
    ['panel-x', fixtureFolders.panelX, 'image'],
    ['a model of pictures', fixtureFolders.grouped, 'image'],
  ])('are refused by %s, which says what it takes', async (_, folder, taken) => {
    const model = await loadTextModel(folder);
    expect(model.facts.modalities).toEqual([taken]);
    for (const part of [audio(16_000, 16_000), { kind: 'video', frames: 4 } as const]) {
      expect(() => model.tokensOf(part)).toThrow(
        expect.objectContaining({
          code: 'unsupported',
          message: `The model "${model.facts.name}" takes ${taken} only, not ${part.kind}.`,
        }),
      );
      expect(() => model.prompt([{ role: 'user', parts: [part] }])).toThrow(/only, not/);
    }
  });

  it('need the keys of a Whisper feature extractor', async () => {
    await change('preprocessor_config.json', { n_fft: null });
    await expect(readModelFolder(dir)).rejects.toThrow(/n_fft/);
    await change('preprocessor_config.json', { feature_extractor_type: 'OtherExtractor' });
    await expect(readModelFolder(dir)).rejects.toThrow(/WhisperFeatureExtractor.*OtherExtractor/);
  });
});
