import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { modelLoads } from './model-loads.ts';

const folder = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const panel = folder('../../../models/panel');
const panelX = folder('../../../models/panel-x');

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'isotherm-variants-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

/** A copy of the shipped model under another name, with a file changed. */
const copyOf = async (
  name: string,
  file = 'config.json',
  change = (text: string): string => text,
): Promise<string> => {
  const dir = join(root, name);
  await cp(panel, dir, { recursive: true });
  await writeFile(join(dir, file), change(await readFile(join(dir, file), 'utf8')));
  return dir;
};

const loadsOf = (...variants: readonly string[]) =>
  modelLoads({
    ...{ modelDir: panel, modelVariants: variants.join(delimiter), precision: 'fp32', threads: 1 },
  });

describe('what an instance with a model folder can load', () => {
  it('is its own model and those that may take its place, in each precision that they have', async () => {
    const dir = await copyOf('panel-twin');
    const loads = await loadsOf(dir);
    expect(loads.variant).toEqual({ model: 'panel', precision: 'fp32', threads: 1 });
    expect(loads.loadable).toEqual([
      { model: 'panel', precision: 'fp32' },
      { model: 'panel', precision: 'int8' },
      { model: 'panel-twin', precision: 'fp32' },
      { model: 'panel-twin', precision: 'int8' },
    ]);
    const wanted = { model: 'panel-twin', precision: 'int8', threads: 3 };
    expect(await loads.load(wanted)).toEqual({ modelDir: dir, precision: 'int8', threads: 3 });
  });

  it.each([
    [{ model: 'other' }, 'unsupported', 'No variant is called "other"; there are panel.'],
    [{ precision: 'q4' }, 'unsupported', 'has no q4; there is panel fp32, panel int8.'],
    [{ precision: 'best' }, 'invalid_argument', 'A precision is one of fp32'],
    [{ threads: 257 }, 'invalid_argument', 'Threads are 1 to 256; not 257.'],
  ])('refuses %j', async (different, code, message) => {
    const loads = await loadsOf();
    const refused = loads.load({ ...loads.variant, ...different });
    await expect(refused).rejects.toMatchObject({
      code,
      message: expect.stringContaining(message),
    });
  });

  it('refuses at the start what cannot take the work of the model', async () => {
    await expect(loadsOf(panelX)).rejects.toMatchObject({
      code: 'unsupported',
      message: `${panelX} cannot take the place of panel: it has another architecture.`,
    });
    const words = await copyOf('other-words', 'tokenizer.json', (text) => `${text} `);
    await expect(loadsOf(words)).rejects.toThrow('it has another tokenizer');
    const narrow = await copyOf('narrow', 'config.json', (text) => {
      const config = JSON.parse(text) as { text_config: Record<string, number> };
      config.text_config['num_hidden_layers'] = 1;
      return JSON.stringify(config);
    });
    await expect(loadsOf(narrow)).rejects.toThrow('it has another KV cache');
  });
});
