import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from '@jest/globals';
import { fixtureFolders } from '../testing/fixture-folders.ts';

const run = promisify(execFile);

it('leaves nothing about its user behind: the graph runtime reports to nobody', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'isotherm-home-'));
  const home = join(folder, 'home');
  const module = new URL('./encode-engine.js', import.meta.url).href;
  const script = `
    const { onnxEncodeEngine } = await import(${JSON.stringify(module)});
    const engine = await onnxEncodeEngine({ modelDir: ${JSON.stringify(fixtureFolders.panel)} });
    await engine.close();
  `;
  try {
    await mkdir(home);
    const program = join(folder, 'encode.mjs');
    await writeFile(program, script);
    // No CI among the variables: in front of one the runtime keeps quiet by itself.
    await run(process.execPath, [program], { env: { PATH: process.env['PATH'], HOME: home } });
    expect(await readdir(home, { recursive: true })).toEqual([]);
  } finally {
    await rm(folder, { recursive: true });
  }
});
