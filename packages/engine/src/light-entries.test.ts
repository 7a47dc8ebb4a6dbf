import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';

const run = promisify(execFile);

/** Files that a fresh process has loaded after importing an entry of this package. */
const loadedBy = async (entry: string): Promise<readonly string[]> => {
  const module = new URL(entry, import.meta.url).href;
  const script = `
    import { createRequire } from 'node:module';
    await import(${JSON.stringify(module)});
    const libraries = process.report.getReport().sharedObjects;
    console.log(JSON.stringify([...Object.keys(createRequire(import.meta.url).cache), ...libraries]));
  `;
  const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', script]);
  return JSON.parse(stdout) as readonly string[];
};

describe('entries', () => {
  it.each(['./index.js', './text/index.js', './profile/index.js'])(
    '%s loads no native library',
    async (entry) => {
      const loaded = await loadedBy(entry);
      expect(loaded.filter((file) => /onnxruntime|sharp|libvips/.test(file))).toEqual([]);
    },
  );

  it('./media/index.js loads the image library and no graph runtime', async () => {
    const loaded = await loadedBy('./media/index.js');
    expect(loaded.some((file) => file.includes('sharp'))).toBe(true);
    expect(loaded.filter((file) => file.includes('onnxruntime'))).toEqual([]);
  });
});
