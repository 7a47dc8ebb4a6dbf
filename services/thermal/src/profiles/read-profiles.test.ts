import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readProfiles } from './read-profiles.ts';

const shipped = fileURLToPath(new URL('../../../../deploy/profiles', import.meta.url));

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'isotherm-profiles-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

const profile = (name: string): string => `
name: ${name}
model: Small
reading: decoder-only
sources: [{ id: a, kind: assumed, text: a test }]
shape: { context_max_tokens: 8, image_tokens: 4, hidden_size: 2, kv_bytes_per_token: 2 }
stages:
  - name: decode
    stage: decode
    hardware: cpu
    gpus: 0
    precision: int8
    batch_max: 1
    quality: 0.4
    start_s: 1
    source: a
    points: [{ batch: 1, tokens: 8, latency_ms: 2 }]
`;

describe('profiles that are read', () => {
  it('are all that lies in a folder and below it, and single files', async () => {
    const all = await readProfiles(shipped);
    expect(all.length).toBeGreaterThan(10);
    expect(all.map(({ name }) => name)).toContain('llava-onevision-7b');
    await mkdir(join(root, 'more'));
    await writeFile(join(root, 'more', 'one.yaml'), profile('one'));
    await writeFile(join(root, 'readme.md'), 'not a profile');
    await writeFile(join(root, 'two.yml'), profile('two'));
    const paths = [join(root, 'more'), join(root, 'two.yml')];
    const both = await readProfiles(paths.join(delimiter));
    expect(both.map(({ name }) => name)).toEqual(['one', 'two']);
    expect(both[0]?.stages[0]?.quality).toBe(0.4);
    expect(await readProfiles('')).toEqual([]);
  });

  it('are refused with their paths', async () => {
    await expect(readProfiles(join(root, 'nowhere'))).rejects.toMatchObject({
      ...{ code: 'invalid_argument', message: expect.stringContaining('nowhere cannot be read') },
    });
    await mkdir(join(root, 'twice'));
    for (const file of ['a.yaml', 'b.yaml']) {
      await writeFile(join(root, 'twice', file), profile('same'));
    }
    await expect(readProfiles(join(root, 'twice'))).rejects.toThrow('are both called same');
    await writeFile(join(root, 'twice', 'b.yaml'), 'name: 7');
    await expect(readProfiles(join(root, 'twice'))).rejects.toThrow('b.yaml is no profile');
  });
});
