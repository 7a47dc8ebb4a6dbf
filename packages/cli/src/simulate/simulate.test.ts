import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { commandBench } from '../command-under-test.ts';

const profile = fileURLToPath(
  new URL('../../../../deploy/profiles/study/llava-onevision-7b.yaml', import.meta.url),
);
const bench = commandBench();
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'isotherm-simulate-'));
});
afterAll(async () => {
  bench.remove();
  await rm(folder, { recursive: true });
});

const experimentOf = (text = ''): string => `
name: tiny
duration_s: 10
seeds: 2
deployments:
  - profile: ${profile}
    requests: { requests_per_s: 5, images_max: 1 }
    slo: { ttft_ms: 2000, tbt_ms: 100 }
    pools: [{ role: encode, stages: [encode-1], count: 2 }, { role: text, stages: [prefill-2, decode-2], count: 2 }]
arms: [{ name: one }, { name: other, levers: [route] }]
room: { example: { racks_per_row: 1 }, period_s: 2 }
${text}`;
const simulate = async (text: string, ...words: readonly string[]) => {
  const file = join(folder, 'tiny.yaml');
  writeFileSync(file, text);
  const command = bench.run('simulate', file, '--out', join(folder, 'out'), ...words);
  const status = await command.exit;
  return { status, stdout: command.stdout(), stderr: command.stderr() };
};
const outFile = (name: string): string => readFileSync(join(folder, 'out', name), 'utf8');

describe('isotherm simulate', () => {
  it('runs every arm from every seed, and writes what came of it', async () => {
    const { status, stdout, stderr } = await simulate(experimentOf());
    expect([status, stderr]).toEqual([0, expect.stringMatching(/^4 runs in \d+ s\.\n$/)]);
    expect(stdout).toMatch(/one +other\nseeds +2 +2\n/);
    const result = JSON.parse(outFile('result.json')) as { arms: object[]; runs: object[] };
    expect([result.arms.length, result.runs.length]).toEqual([2, 4]);
    expect(result.arms[0]).toMatchObject({ arm: 'one', model: 'llava-onevision-7b', unplaced: 0 });
    expect(outFile('runs.csv').split('\r\n')).toHaveLength(6);
    expect(outFile('plot.svg')).toMatch(/^<svg [\s\S]*Hottest core over time[\s\S]*<\/svg>\n$/);
    const report = outFile('report.html');
    expect(report).toContain('<svg ');
    expect(report).toContain('2 seeds;');
    expect(report).toMatch(/Each seed by itself[^]*<tr><th>seed<\/th><td>1<\/td><td>1<\/td><td>2</);
  });

  it('does only what is not done yet, and the same as the first time', async () => {
    const before = outFile('result.json');
    rmSeed('one-seed-2.json');
    const { stderr } = await simulate(experimentOf());
    expect(stderr).toMatch(/^3 runs done already\.\n1 run in /);
    expect(outFile('result.json')).toBe(before);
    const { stderr: changed } = await simulate(experimentOf('sample_max: 1'), '--seed', '1');
    expect(changed).toMatch(/^2 runs in /);
  });

  it('has one arm, one seed and JSON where told so', async () => {
    const { stdout } = await simulate(
      experimentOf(),
      ...['--json', '--fresh', '--arm', 'other', '--seed', '9'],
    );
    const { runs } = JSON.parse(stdout) as { runs: readonly object[] };
    expect(runs).toMatchObject([{ arm: 'other', seed: 9 }]);
    const { status, stderr } = await simulate(experimentOf(), '--arm', 'third');
    expect([status, stderr]).toEqual([2, 'isotherm: tiny has no arm third; it has one, other.\n']);
  });

  it('is refused with all problems, of the files that it names as well', async () => {
    const text = experimentOf('sample_max: none').replace(profile, 'nowhere.yaml');
    const { status, stderr } = await simulate(text);
    expect([status, stderr]).toEqual([
      ...[
        1,
        expect.stringMatching(/^sample_max: must be a number.*\nisotherm: .* has a problem\./),
      ],
    ]);
    const named = await simulate(experimentOf().replace(profile, 'nowhere.yaml'), '--json');
    const { problems } = JSON.parse(named.stdout) as { problems: readonly object[] };
    expect(problems).toMatchObject([{ path: 'deployments[0].profile' }]);
  });
});

const rmSeed = (name: string): void => {
  const file = join(folder, 'out', 'runs', name);
  expect(existsSync(file)).toBe(true);
  writeFileSync(file, 'half a result');
};
