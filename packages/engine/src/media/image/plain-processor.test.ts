import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from '@jest/globals';
import { fixtureFolders } from '../../testing/fixture-folders.ts';

const run = promisify(execFile);

const urlOf = (path: string): string => JSON.stringify(new URL(path, import.meta.url).href);

/** In a process of its own: the library does not take typed arrays of the tests' realm. */
const script = `
  import { createRequire } from 'node:module';
  import { fileURLToPath, pathToFileURL } from 'node:url';
  const { resolve } = createRequire(fileURLToPath(${urlOf('./plain-processor.js')}));
  const library = pathToFileURL(resolve('@huggingface/transformers')).href;
  const { AutoImageProcessor, env, RawImage } = await import(library);
  const { plainProcessor } = await import(${urlOf('./plain-processor.js')});
  env.allowRemoteModels = false;
  const load = (dir) => AutoImageProcessor.from_pretrained(dir, { local_files_only: true });
  const data = Uint8Array.from({ length: 3 * 130 * 70 }, (_, index) => (index * 7919) % 256);
  const settings = [
    {},
    { do_resize: false },
    { do_resize: false, do_normalize: false },
    { do_rescale: false, image_mean: 100, image_std: 50 },
    { do_center_crop: true, crop_size: { width: 64, height: 48 } },
    { do_center_crop: true, crop_size: 40, image_mean: [0.48, 0.45, 0.4], image_std: [0.2, 0.3, 0.25] },
  ];
  const same = [];
  for (const setting of settings) {
    const library = Object.assign(await load(${JSON.stringify(fixtureFolders.panel)}), setting);
    const picture = () => new RawImage(data.slice(), 130, 70, 3);
    const { pixel_values: wanted } = await library([picture()]);
    const given = await plainProcessor(library)(picture());
    same.push(
      wanted.dims.join() === given.shape.join() &&
        wanted.data.every((value, index) => value === given.data[index]),
    );
  }
  const padded = Object.assign(await load(${JSON.stringify(fixtureFolders.panel)}), { do_pad: true });
  const tiled = await load(${JSON.stringify(fixtureFolders.idefics3)});
  const others = [padded, tiled].map((library) => plainProcessor(library) === undefined);
  console.log(JSON.stringify({ same, others }));
`;

it('gives the very floats of the library, and leaves to it what it does not know', async () => {
  const { stdout } = await run(globalThis.process.execPath, [
    '--input-type=module',
    '--eval',
    script,
  ]);
  expect(JSON.parse(stdout)).toEqual({
    same: [true, true, true, true, true, true],
    others: [true, true],
  });
});
