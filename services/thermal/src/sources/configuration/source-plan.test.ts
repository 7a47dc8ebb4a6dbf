import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { systemClock } from '@isotherm/kernel';
import { exampleRoom } from '@isotherm/plant';
import { indexRoom } from '../../topology/room-index.ts';
import { openSources } from '../open-sources.ts';
import { readSourceFile } from './source-file.ts';
import { checkSources, type SourcePlan } from './source-plan.ts';

const index = indexRoom(exampleRoom());
const bmc = { name: 'bmc', kind: 'redfish', url: 'https://10.0.0.1', server: 'r1-k1-s1' };
const user = { user: 'monitor', password_env: 'PASSWORD_OF_BMC' };

describe('a file of sources', () => {
  it('has defaults for everything but what only an operator knows', () => {
    const checked = checkSources({
      sources: [
        { name: 'dcgm-1', kind: 'dcgm', url: 'http://node-1:9400/metrics' },
        { ...bmc, auth: { kind: 'session', ...user } },
        { name: 'smi', kind: 'nvidia_smi', server: 'r1-k1-s2' },
      ],
    });
    expect(checked).toMatchObject({
      kind: 'ok',
      sources: [
        { every_ms: 1_000, timeout_ms: 2_000, backoff_ms_max: 30_000, servers: {} },
        { every_ms: 5_000, requests_max: 128 },
        { command: ['nvidia-smi'] },
      ],
    });
  });

  it('says all that is wrong with it at once', () => {
    const checked = checkSources({
      sources: [
        { name: 'a b', kind: 'dcgm', url: 'ftp://node-1' },
        { name: 'one', kind: 'dcgm', url: 'http://me:secret@node-1', evry_ms: 5 },
        { name: 'one', kind: 'teleprinter' },
        { ...bmc, server: undefined, auth: { kind: 'basic', user: 'monitor' } },
        { ...bmc, name: 'two', of: { kind: 'row', id: 'r1' }, every_ms: 1 },
        { name: 'three', kind: 'hwmon', server: 's1', sensors: [{ chip: 'x', quantity: 'mood' }] },
      ],
      surces: [],
    });
    expect(checked.kind).toBe('refused');
    const problems = checked.kind === 'refused' ? checked.problems.join('\n') : '';
    for (const expected of [
      'sources[0].name: must have 1 to 64',
      'sources[0].url: must be an http or https URL',
      'sources[1].url: must not have a user',
      'sources[1]: Unrecognized key: "evry_ms"',
      'sources[2].kind: ',
      'sources[2].name: sources[1] is called one, too',
      'sources[3].auth: must have a user and either',
      'sources[4].every_ms: ',
      'sources[5].sensors[0].quantity: ',
      'the file: Unrecognized key: "surces"',
    ]) {
      expect(problems).toContain(expected);
    }
    expect(problems).not.toContain('secret');
  });

  it.each([[undefined], [[]], ['sources'], [{ sources: [null] }], [{ sources: 7 }]])(
    'is refused where it is %j',
    (value) => {
      expect(checkSources(value).kind).toBe('refused');
    },
  );
});

describe('reading a file of sources', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'isotherm-sources-'));
  });
  afterEach(async () => {
    await rm(folder, { recursive: true });
  });
  const write = async (text: string): Promise<string> => {
    const path = join(folder, 'sources.yaml');
    await writeFile(path, text);
    return path;
  };
  const open = async (sources: readonly unknown[], environment = {}, roomVirtual = false) =>
    openSources({ sourcesFile: await write(JSON.stringify({ sources })), roomVirtual }, index, {
      ...{ clock: systemClock, environment, instances: () => [], staleMs: 10_000 },
    });

  it('finds what the room does not have', async () => {
    const path = await write(
      [
        'sources:',
        '  - { name: a, kind: dcgm, url: "http://n:9400", servers: { n: r9 }, gpus: { GPU-1: r1-k1-s1/8 } }',
        '  - { name: c, kind: hwmon }',
        '  - { name: b, kind: redfish, url: "http://n", of: { kind: row, id: r7 } }',
      ].join('\n'),
    );
    const read = readSourceFile(path, index);
    await expect(read).rejects.toThrow('sources[1].server: Invalid input');
    await expect(read).rejects.toThrow('sources[0].servers.n: the room has no server r9');
    await expect(read).rejects.toThrow('sources[0].gpus.GPU-1: the room has no gpu r1-k1-s1/8');
    await expect(read).rejects.toThrow('sources[2].of.id: the room has no row r7');
  });

  it.each([
    ['no YAML', 'sources: [', 'sources.yaml: '],
    ['aliases without end', `a: &a [x]\nb: [${'*a,'.repeat(200)}]`, 'alias'],
    ['a key twice', 'sources: []\nsources: []', 'unique'],
  ])('refuses %s', async (_, text, message) => {
    await expect(readSourceFile(await write(text), index)).rejects.toThrow(message);
  });

  it('says which file is not there', async () => {
    await expect(readSourceFile(join(folder, 'no.yaml'), index)).rejects.toThrow('ENOENT');
  });

  it('has an example for which a room is, of every kind', async () => {
    const path = fileURLToPath(
      new URL('../../../../../deploy/sources/example.yaml', import.meta.url),
    );
    const kinds = new Set((await readSourceFile(path, index)).map(({ kind }) => kind));
    expect(kinds).toEqual(
      new Set<SourcePlan['kind']>(['dcgm', 'redfish', 'nvidia_smi', 'hwmon', 'rapl', 'instances']),
    );
  });

  it('opens them with the passwords that they name, and says which one is missing', async () => {
    const source = { ...bmc, auth: { kind: 'basic', ...user } };
    expect(await open([source], { PASSWORD_OF_BMC: 'x' })).toMatchObject([{ name: 'bmc' }]);
    await expect(open([source])).rejects.toThrow('source bmc: PASSWORD_OF_BMC has no password');
  });

  it('leaves a virtual room to its own sensors', async () => {
    await expect(open([], {}, true)).rejects.toThrow('ISOTHERM_ROOM_VIRTUAL=false');
  });
});
