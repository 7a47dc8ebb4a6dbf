import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { afterAll, describe, expect, it } from '@jest/globals';
import { checkModelProfile } from '@isotherm/kernel';
import { parseYaml } from '@isotherm/runtime/yaml-file';
import { commandBench } from '../command-under-test.ts';

const bench = commandBench();
const folder = mkdtempSync(join(tmpdir(), 'isotherm-profile-test-'));
afterAll(() => {
  bench.remove();
  rmSync(folder, { recursive: true });
});

describe('isotherm profile', () => {
  it('writes a profile of every stage, precision and number of threads', async () => {
    const file = join(folder, 'panel.yaml');
    const words = ['--quick', '--precision', 'fp32,int8', '--threads', '1,2', '--output', file];
    const run = bench.run('profile', ...words);
    expect([await run.exit, run.stdout()]).toEqual([0, expect.stringContaining(`Wrote ${file}.`)]);
    expect(run.stdout()).toMatch(/^decode-int8-2t +18 +\d+\.\d+ +batch \d/m);
    const checked = checkModelProfile(parseYaml(await readFile(file, 'utf8'), file));
    if (checked.kind === 'refused') throw new Error(JSON.stringify(checked.problems));
    const { profile } = checked;
    expect(profile).toMatchObject({ name: 'panel', model: 'panel', reading: 'decoder-only' });
    expect(profile.sources[0]?.text).toContain('which is no measurement');
    expect(profile.stages.map(({ name }) => name)).toEqual(
      ['fp32-1t', 'fp32-2t', 'int8-1t', 'int8-2t'].flatMap((kind) =>
        ['encode', 'prefill', 'decode'].map((stage) => `${stage}-${kind}`),
      ),
    );
    for (const { stage, points, load } of profile.stages) {
      expect(points.every(({ latencyMs }) => latencyMs > 0)).toBe(true);
      expect([stage, load.length > 0]).toEqual([stage, true]);
    }
  }, 120_000);

  it('refuses what is no model and no precision', async () => {
    const none = bench.run('profile', folder, '--quick');
    expect([await none.exit, none.stderr().split('\n').length]).toEqual([1, 2]);
    const precision = bench.run('profile', '--precision', 'fp99');
    expect([await precision.exit, precision.stderr()]).toEqual([
      ...[2, expect.stringContaining('There is no precision fp99; there are fp32')],
    ]);
  });
});
