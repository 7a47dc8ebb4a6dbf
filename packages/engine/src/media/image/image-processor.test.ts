import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { fixtureFolders } from '../../testing/fixture-folders.ts';

const run = promisify(execFile);

const urlOf = (path: string): string => JSON.stringify(new URL(path, import.meta.url).href);

/** In a process of its own: the library does not take typed arrays of the tests' realm. */
const script = `
  import { readFile } from 'node:fs/promises';
  const { decodeImage } = await import(${urlOf('./decode-image.js')});
  const { loadImageProcessor } = await import(${urlOf('./image-processor.js')});
  const process = await loadImageProcessor(${JSON.stringify(fixtureFolders.panel)});
  const media = new URL('../../../fixtures/media/', ${urlOf('.')});
  const read = async (name) => decodeImage(new Uint8Array(await readFile(new URL(name, media))));
  const pillow = await read('picture-96x96.png');
  // Normalised as preprocessor_config.json says: (x / 255 - 0.5) / 0.5, channels first.
  const wanted = Array.from({ length: 3 * 96 * 96 }, (_, index) => {
    const [channel, pixel] = [Math.floor(index / 9216), index % 9216];
    return (pillow.data[pixel * 3 + channel] / 255 - 0.5) / 0.5;
  });
  for (const name of ['picture-150x110.png', 'picture-96x96.png']) {
    const { shape, data } = await process(await read(name));
    const differences = wanted.map((value, index) => Math.abs(value - data[index]));
    const mean = differences.reduce((sum, value) => sum + value, 0) / differences.length;
    console.log(JSON.stringify({ shape, largest: Math.max(...differences), mean }));
  }
`;

describe('the image processor', () => {
  it('resizes and normalises as Pillow does', async () => {
    const { stdout } = await run(globalThis.process.execPath, [
      '--input-type=module',
      '--eval',
      script,
    ]);
    const [resized, same] = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { shape: number[]; largest: number; mean: number });
    // Values lie between -1 and 1: six steps of 255 at a sharp edge, a third of one on the whole.
    expect(resized?.shape).toEqual([1, 3, 96, 96]);
    expect(resized?.largest).toBeLessThan(0.05);
    expect(resized?.mean).toBeLessThan(0.0025);
    expect(same?.largest).toBeLessThan(1e-6);
  });
});
