import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { encoderDigest } from './model-digest.ts';

let dir: string;

const write = (file: string, content: string): Promise<void> => writeFile(join(dir, file), content);

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'isotherm-digest-'));
  await mkdir(join(dir, 'onnx'));
  await write('config.json', '{}');
  await write('preprocessor_config.json', '{}');
  for (const graph of ['vision_encoder', 'vision_encoder_int8', 'decoder_model_merged']) {
    await write(`onnx/${graph}.onnx`, graph);
  }
});

afterEach(() => rm(dir, { recursive: true }));

describe('encoderDigest', () => {
  it.each([
    { file: 'onnx/vision_encoder.onnx', changes: true },
    { file: 'onnx/vision_encoder.onnx_data', changes: true },
    { file: 'onnx/audio_encoder.onnx', changes: true },
    { file: 'onnx/vision_encoder_int8.onnx', changes: false },
    { file: 'onnx/decoder_model_merged.onnx', changes: false },
    { file: 'preprocessor_config.json', changes: true },
    { file: 'config.json', changes: true },
    { file: 'README.md', changes: false },
  ])('changes with $file: $changes', async ({ file, changes }) => {
    const before = await encoderDigest(dir, 'fp32');
    expect(await encoderDigest(dir, 'fp32')).toBe(before);
    await write(file, 'other');
    expect((await encoderDigest(dir, 'fp32')) !== before).toBe(changes);
  });

  it('differs by precision, as the graphs do', async () => {
    expect(await encoderDigest(dir, 'int8')).not.toBe(await encoderDigest(dir, 'fp32'));
  });
});
