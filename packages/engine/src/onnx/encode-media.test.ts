import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Embedding, EncodeEngine, Medium, Outcome } from '../contract.ts';
import { defaultMediaLimits } from '../media/media-limits.ts';
import { fixtureFolders } from '../testing/fixture-folders.ts';
import { tone, wavFile } from '../testing/media-files.ts';
import { testAnimation, testImage } from '../testing/test-image.ts';
import { onnxEncodeEngine } from './encode-engine.ts';

const never = new AbortController().signal;

const sound = (samples: Float32Array, tokens: number): Medium => ({
  kind: 'file',
  modality: 'audio',
  bytes: wavFile(samples),
  tokens,
});

const valuesOf = (outcome: Outcome<Embedding> | undefined): readonly number[] => {
  if (outcome?.kind !== 'done') throw new Error(`It failed: ${JSON.stringify(outcome)}`);
  const [tensor] = outcome.value;
  return Array.from(tensor?.data ?? []);
};

/** Sums are rounded in another order in a larger batch. */
const expectClose = (given: readonly number[], wanted: readonly number[]): void => {
  expect(given).toHaveLength(wanted.length);
  const differences = given.map((value, index) => Math.abs(value - (wanted[index] ?? Number.NaN)));
  expect(Math.max(...differences)).toBeLessThan(1e-3);
};

/** The shipped model with room for sounds of four windows: its encoder takes any number. */
describe('encoding media of all kinds', () => {
  let dir: string;
  let engine: EncodeEngine;
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'isotherm-model-'));
    // Neither the graphs nor what training left in the folder: gigabytes.
    const isConfig = (source: string): boolean => !/\/(?:onnx|build)\b/.test(source);
    await cp(fixtureFolders.panel, dir, { recursive: true, filter: isConfig });
    await symlink(join(fixtureFolders.panel, 'onnx'), join(dir, 'onnx'));
    const config = JSON.parse(await readFile(join(dir, 'config.json'), 'utf8')) as object;
    const audio = { model_type: 'panel_audio', seq_length: 25, windows_max: 4 };
    await writeFile(join(dir, 'config.json'), JSON.stringify({ ...config, audio_config: audio }));
    engine = await onnxEncodeEngine({ modelDir: dir });
  });
  afterAll(async () => {
    await engine.close();
    await rm(dir, { recursive: true });
  });

  it('makes of a long sound what it makes of its windows', async () => {
    const samples = tone(5, 440).map((value, index) => value * (0.2 + index / 100_000));
    const windows = [
      samples.slice(0, 32_000),
      samples.slice(32_000, 64_000),
      samples.slice(64_000),
    ];
    const [whole, ...parts] = await engine.encode(
      [sound(samples, 75), ...windows.map((window) => sound(window, 25))],
      never,
    );
    const [one, two, three] = parts.map(valuesOf);
    expectClose(
      valuesOf(whole),
      [one, two, three].flatMap((values) => values ?? []),
    );
    expect(two).not.toEqual(three);
  });

  it('gives each medium of a mixed batch what it gets alone, and fails the bad ones alone', async () => {
    const frames = await Promise.all([1, 2, 3, 4].map((seed) => testImage(seed)));
    const file = (modality: 'image' | 'video', bytes: Uint8Array): Medium => ({
      kind: 'file',
      modality,
      bytes,
      tokens: 36,
    });
    const media: readonly Medium[] = [
      sound(tone(1, 300), 25),
      file('video', await testAnimation(6)),
      file('image', await testImage(7, 140, 60)),
      sound(Float32Array.of(1, 0, -1), 25),
      { kind: 'frames', modality: 'video', frames, tokens: 36 },
      { kind: 'file', modality: 'audio', bytes: Uint8Array.of(1, 2, 3), tokens: 25 },
      sound(tone(3, 300), 25),
    ];
    const together = await engine.encode(media, never);
    expect(together.map(({ kind }) => kind)).toEqual([
      ...new Array<string>(5).fill('done'),
      'failed',
      'failed',
    ]);
    expect(together.at(-1)).toMatchObject({
      fault: { message: expect.stringMatching(/made 50 tokens of the audio.* 25 placeholders/) },
    });
    for (const [index, medium] of media.slice(0, 5).entries()) {
      const [alone] = await engine.encode([medium], never);
      expectClose(valuesOf(together[index]), valuesOf(alone));
    }
  });

  it('drops a sound that takes too long to decode, and goes on with the next', async () => {
    const { audio } = defaultMediaLimits;
    const limits = { ...defaultMediaLimits, audio: { ...audio, decodeMsMax: 1 } };
    const hasty = await onnxEncodeEngine({ modelDir: dir, limits });
    try {
      const [late, image] = await hasty.encode(
        [
          sound(new Float32Array(120_000), 100),
          { kind: 'file', modality: 'image', bytes: await testImage(1), tokens: 36 },
        ],
        never,
      );
      expect(late).toMatchObject({
        kind: 'failed',
        fault: { code: 'invalid_argument', message: expect.stringMatching(/longer than 1 ms/) },
      });
      expect(image?.kind).toBe('done');
    } finally {
      await hasty.close();
    }
  });
});
