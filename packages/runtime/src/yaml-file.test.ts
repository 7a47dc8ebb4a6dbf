import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { formatYaml, parseYaml, readTextFile } from './yaml-file.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'isotherm-yaml-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('a file that a person wrote', () => {
  it('is read whole', async () => {
    const path = join(folder, 'a.yaml');
    await writeFile(path, 'a: 1');
    expect(parseYaml(await readTextFile(path), path)).toEqual({ a: 1 });
  });

  it('is refused with its path where it is not there, or too large', async () => {
    const path = join(folder, 'large.yaml');
    await writeFile(path, Buffer.alloc((16 << 20) + 1, 32));
    await expect(readTextFile(path)).rejects.toThrow(`${path}: is larger than 16777216 bytes`);
    const none = join(folder, 'none.yaml');
    await expect(readTextFile(none)).rejects.toThrow(/none\.yaml: .*ENOENT/);
  });

  const bomb = [
    'a: &a [x, x, x, x, x, x, x, x, x, x]',
    'b: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a, *a]',
    'c: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b, *b]',
    'd: [*c, *c, *c, *c, *c, *c, *c, *c, *c, *c]',
  ].join('\n');
  it.each([
    ['has a key twice', 'a: 1\na: 2', 'Map keys must be unique'],
    ['does not end', 'a: [1', 'Flow sequence'],
    ['has an alias of nothing', 'a: *b', 'Unresolved alias'],
    ['is a bomb of aliases', bomb, 'Excessive alias count'],
  ])('is refused with its path where it %s', (_, text, why) => {
    const parsed = (): unknown => parseYaml(text, 'room.yaml');
    expect(parsed).toThrow(why);
    expect(parsed).toThrow(/^room\.yaml: /);
  });
});

describe('formatYaml', () => {
  it('writes rows of numbers on a line each, and what is read back is the same', () => {
    const value = {
      name: 'a',
      sources: [{ id: 'x', text: 'a long text: with a colon, that goes on for a while' }],
      points: [
        { batch: 1, ms: 0.5, source: 'x' },
        { batch: 2, ms: 1e-7 },
      ],
    };
    const written = formatYaml(value, ['What this is.']);
    expect(written).toMatch(/^# What this is\.\nname: a\n/);
    expect(written).toContain('\n  - { batch: 1, ms: 0.5, source: x }\n');
    expect(parseYaml(written, 'x')).toEqual(value);
  });
});
