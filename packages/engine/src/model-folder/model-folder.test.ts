import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { fixtureFolders } from '../testing/fixture-folders.ts';
import { tileGrid } from './idefics3.ts';
import { kvLayoutsOf, withClassDefaults } from './kv-layout.ts';
import { llava } from './llava.ts';
import { readModelFolder } from './model-folder.ts';
import { graphFile, precisionsIn } from './precision.ts';

describe('readModelFolder', () => {
  let dir: string;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'isotherm-model-'));
    await cp(fixtureFolders.grouped, dir, { recursive: true });
  });
  afterEach(async () => {
    await rm(dir, { recursive: true });
  });
  const change = async (name: string, changes: object): Promise<void> => {
    const value = JSON.parse(await readFile(join(dir, name), 'utf8')) as object;
    await writeFile(join(dir, name), JSON.stringify({ ...value, ...changes }));
  };

  it('reads facts, layout and image token', async () => {
    const folder = await readModelFolder(dir);
    expect(folder.layouts).toEqual({
      self: { layers: [0, 1], kvHeads: 2, headSize: 16 },
      cross: undefined,
    });
    expect(folder.placeholderIds).toEqual({ image: 258 });
    expect(folder.facts('fp32')).toMatchObject({ endOfTextTokens: [257], contextMax: 512 });
    expect(folder.facts('fp32').kvBytesPerToken).toBe(2 * 2 * 2 * 16 * 4);
  });

  it('refuses another architecture and says which there are', async () => {
    await change('config.json', { model_type: 'paligemma' });
    await expect(readModelFolder(dir)).rejects.toMatchObject({
      code: 'unsupported',
      message: expect.stringMatching(/"paligemma".*llava, idefics3, smolvlm, mllama/),
    });
  });

  it.each(['config.json', 'preprocessor_config.json'])('names a missing %s', async (name) => {
    await rm(join(dir, name));
    await expect(readModelFolder(dir)).rejects.toMatchObject({
      code: 'unsupported',
      message: expect.stringContaining(name),
    });
  });

  it('names a file that is not JSON', async () => {
    await writeFile(join(dir, 'config.json'), '{');
    await expect(readModelFolder(dir)).rejects.toThrow(/config.json .*not valid JSON/);
  });

  it('asks for an end mark', async () => {
    await change('config.json', { eos_token_id: null });
    await expect(readModelFolder(dir)).rejects.toThrow(/eos_token_id/);
  });

  it('counts narrow KV caches as the export states them', async () => {
    await change('config.json', {
      'transformers.js_config': { kv_cache_dtype: { q4f16: 'float16', fp16: 'float16' } },
    });
    const { facts } = await readModelFolder(dir);
    expect(facts('fp16').kvBytesPerToken * 2).toBe(facts('fp32').kvBytesPerToken);
  });

  it('takes the name from _name_or_path only where it is a name', async () => {
    await change('config.json', { _name_or_path: 'maker/model-1.5' });
    expect((await readModelFolder(dir)).facts('fp32').name).toBe('maker/model-1.5');
    await change('config.json', { _name_or_path: '/training/checkpoint-12' });
    expect((await readModelFolder(dir)).facts('fp32').name).toMatch(/^isotherm-model-/);
  });

  it('finds graphs by precision and names those that are missing', async () => {
    expect(await precisionsIn(dir)).toEqual(['fp32']);
    await expect(graphFile(dir, 'decoder_model_merged', 'q4')).rejects.toThrow(
      /onnx\/decoder_model_merged_q4\.onnx/,
    );
    expect(await graphFile(dir, 'embed_tokens', 'q4')).toMatch(/embed_tokens\.onnx$/);
  });
});

describe('tileGrid', () => {
  // As SmolVLM-256M-Instruct is published: tiles of 512 px, pictures scaled to 2048 px.
  const preprocessor = {
    do_image_splitting: true,
    size: { longest_edge: 2048 },
    max_image_size: { longest_edge: 512 },
  };
  it.each([
    [512, 512, 4, 4],
    [1920, 1080, 3, 4],
    [1080, 1920, 4, 3],
    [4000, 100, 1, 4],
    [1, 1, 4, 4],
  ])('%d × %d px gives %d rows of %d', (widthPx, heightPx, rows, columns) => {
    expect(tileGrid({ widthPx, heightPx }, { preprocessor })).toEqual({ rows, columns });
  });

  it('does not split where the model does not', () => {
    const whole = { ...preprocessor, do_image_splitting: false };
    expect(tileGrid({ widthPx: 900, heightPx: 900 }, { preprocessor: whole })).toEqual({
      rows: 0,
      columns: 0,
    });
  });
});

describe('llava', () => {
  const tokens = (config: object, processor: object, preprocessor: object): number =>
    llava.imageRule({
      config: { ...config },
      processor: { ...processor },
      preprocessor: { ...preprocessor },
    })({ widthPx: 1, heightPx: 1 }, '<image>').tokens;

  it('counts as llava-1.5 does: 24 × 24 patches, the class token dropped', () => {
    const crop = { do_center_crop: true, crop_size: { height: 336, width: 336 } };
    const processor = {
      patch_size: 14,
      num_additional_image_tokens: 1,
      vision_feature_select_strategy: 'default',
    };
    expect(tokens({}, processor, crop)).toBe(576);
    expect(tokens({ image_seq_length: 100 }, processor, crop)).toBe(100);
  });

  it('refuses pictures of varying size', () => {
    expect(() => tokens({}, { patch_size: 14 }, { size: { shortest_edge: 336 } })).toThrow(
      /size.height and size.width/,
    );
  });
});

describe('kvLayoutsOf', () => {
  it('fills in what published configs leave to the class', () => {
    const { self, cross } = kvLayoutsOf(withClassDefaults({ model_type: 'llama' }));
    expect(self).toMatchObject({ kvHeads: 32, headSize: 128 });
    expect(self.layers).toHaveLength(32);
    expect(cross).toBeUndefined();
    expect(() => kvLayoutsOf({})).toThrow(/num_attention_heads/);
  });
});
