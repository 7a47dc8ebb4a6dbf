import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from '@jest/globals';
import { commandBench, lives } from './command-under-test.ts';

const repository = fileURLToPath(new URL('../../..', import.meta.url));
const rack = `${repository}models/panel/examples/rack.png`;
const anyPorts = ['--http-port', '0', '--grpc-port', '0'];

const redisUrl = process.env['ISOTHERM_TEST_REDIS_URL'];
const bench = commandBench(redisUrl === undefined ? {} : { REDIS_URL: redisUrl });
afterAll(() => bench.remove());

const lines = (text: string): { readonly [field: string]: unknown }[] =>
  text
    .split('\n')
    .flatMap((line) => (line.startsWith('{') ? [JSON.parse(line) as object] : [])) as {
    readonly [field: string]: unknown;
  }[];

describe('isotherm up', () => {
  it('answers with the shipped model, and leaves nothing behind', async () => {
    const up = bench.run('up', '--demo', '--once', '--json', ...anyPorts);
    expect([await up.exit, up.stderr()]).toEqual([0, '']);
    const events = lines(up.stdout());
    const ready = events.find(({ event }) => event === 'ready');
    const pids = Object.values(ready?.['pids'] as Record<string, number[]>).flat();
    // A router, a thermal service and three stages.
    expect(pids).toHaveLength(5);
    expect(pids.filter(lives)).toEqual([]);
    expect(bench.leftovers()).toEqual([]);
    const answers = events.filter(({ event }) => event === 'answered');
    // Two about the picture, one about a sound and one about a clip.
    expect(answers).toHaveLength(4);
    for (const { answer, expected } of answers) expect(answer).toBe(expected);
    for (const { stages } of answers) {
      expect((stages as { stage: string }[]).map(({ stage }) => stage)).toEqual([
        ...['encode', 'prefill', 'decode'],
      ]);
    }
  }, 60_000);

  it('stays up for ask, chat and status until Ctrl-C, which leaves nothing behind', async () => {
    const up = bench.run('up', '--embedded', '--engine', 'profile', ...anyPorts);
    await up.says(/npx isotherm chat/);
    const pid = Number(/(\d+)/.exec(stateFiles()[0] ?? '')?.[1]);
    expect(lives(pid)).toBe(true);

    const asked = bench.run('ask', rack, 'What is this?', '--max-tokens', '5', '--verbose');
    expect(await asked.exit).toBe(0);
    expect(asked.stdout()).toMatch(/^encode +encode-\w+.*\nprefill.*\ndecode/m);
    expect(asked.stderr()).toMatch(/cut at its longest/);
    const json = bench.run('ask', rack, 'What is this?', '--max-tokens', '5', '--json');
    expect(await json.exit).toBe(0);
    expect(JSON.parse(json.stdout())).toMatchObject({ model: 'profile', finish_reason: 'length' });
    const media = `${repository}packages/engine/fixtures/media/`;
    const files = [rack, `${media}tone.flac`, `${media}clip.webm`];
    const mixed = bench.run('ask', ...files, 'What is this?', '--max-tokens', '5', '--verbose');
    expect(await mixed.exit).toBe(0);
    expect(mixed.stdout()).toMatch(/36 of pictures, 13 of sounds, 36 of clips/);
    const status = bench.run('status');
    expect(await status.exit).toBe(0);
    expect(status.stdout()).toMatch(/encode.*ready[^]*prefill.*ready[^]*decode.*ready/);
    const notPicture = bench.run('ask', `${repository}package.json`, 'What is this?');
    expect(await notPicture.exit).toBe(1);
    expect(notPicture.stderr()).toMatch(/^isotherm: invalid_argument: .+\n$/);

    up.kill('SIGINT');
    expect([await up.exit, up.stderr()]).toEqual([0, '']);
    expect(up.stdout()).toMatch(/nothing is left behind/);
    expect(bench.leftovers()).toEqual([]);
  }, 60_000);

  it('puts the stages that are named into one process', async () => {
    const colocate = ['--colocate', 'prefill,decode', '--engine', 'profile'];
    const up = bench.run('up', '--once', '--json', ...colocate, ...anyPorts);
    expect([await up.exit, up.stderr()]).toEqual([0, '']);
    const [, starting, ready] = lines(up.stdout());
    expect(starting).toMatchObject({
      services: '1 router, 1 encoder, 1 thermal, 1 colocated (1 prefill, 1 decode)',
    });
    expect(Object.keys(ready?.['pids'] as object)).toEqual([
      ...['router', 'thermal', 'colocated', 'encoder'],
    ]);
    expect(bench.leftovers()).toEqual([]);
  }, 60_000);

  it('heats a room that can be watched, loses its cooling, and gets it back', async () => {
    const up = bench.run('up', '--engine', 'profile', ...anyPorts);
    await up.says(/npx isotherm room/);
    const run = async (...words: readonly string[]) => {
      const command = bench.run(...words);
      return { code: await command.exit, out: command.stdout(), err: command.stderr() };
    };
    // Who is up is seen in the room when its load has been asked for.
    const heated = /decode-\w+/;
    let drawn = await run('room');
    for (let looks = 0; looks < 20 && !heated.test(drawn.out); looks++) drawn = await run('room');
    expect(drawn.out).toMatch(/aisle a1 [^]*row r1 [^]* decode-\w+/);
    const nowhere = await run('inject', 'cooling-failure', '--aisle', 'a9', '--to', '0.5');
    expect([nowhere.code, nowhere.err]).toEqual([
      2,
      'isotherm: The room has no aisle a9; it has a1, a2.\n',
    ]);
    const lost = await run('inject', 'cooling-failure', '--to', '0.3', '--json');
    expect(JSON.parse(lost.out)).toMatchObject([{ kind: 'cooling', to_share: 0.3 }]);
    const hottest = async (): Promise<number> => {
      const { instances } = JSON.parse((await run('status', '--json')).out) as {
        instances: { place: string; headroom: { stage_share: number } | null }[];
      };
      expect(instances.map(({ place }) => place)).not.toContain(null);
      return Math.max(...instances.map(({ headroom }) => headroom?.stage_share ?? 1));
    };
    while ((await hottest()) > 0.1);
    expect((await run('room')).out).toMatch(/! cooling of the whole room at 30 %/);
    expect((await run('inject', 'clear')).out).toMatch(/^over: cooling of the whole room/);
    while ((await hottest()) < 0.3);
    up.kill('SIGINT');
    expect([await up.exit, up.stderr()]).toEqual([0, '']);
  }, 180_000);

  it('says in one line why it cannot start', async () => {
    const noModel = bench.run('up', '--once', '--model', repository, ...anyPorts);
    const noVariant = bench.run('up', '--once', '--embedded', '--precision', 'q9', ...anyPorts);
    expect([await noModel.exit, await noVariant.exit]).toEqual([1, 1]);
    expect(noModel.stderr()).toMatch(
      /^isotherm: .* is no model folder: it has no config\.json.*\n$/,
    );
    expect(noVariant.stderr()).toMatch(
      /^isotherm: embedded did not start: encoder: A precision is one of/,
    );
    expect(bench.leftovers()).toEqual([]);
  }, 60_000);
});

const stateFiles = (): readonly string[] =>
  bench.leftovers().filter((name) => name.startsWith('state/'));

describe('the command line', () => {
  const outcome = async (...words: readonly string[]) => {
    const command = bench.run(...words);
    return [await command.exit, command.stderr()] as const;
  };

  it('says what to do when nothing runs, a file is missing, or an address is wrong', async () => {
    const [nothing, file, absent, address] = await Promise.all([
      outcome('ask', rack, 'x'),
      outcome('ask', '/nowhere.png', 'x'),
      outcome('ask', rack, 'x', '--address', '127.0.0.1:1'),
      outcome('status', '--address', 'here'),
    ]);
    expect(nothing).toEqual([
      1,
      expect.stringMatching(/^isotherm: Nothing runs here\. .*npm start/),
    ]);
    expect(file).toEqual([1, expect.stringMatching(/^isotherm: \/nowhere\.png: there is no such/)]);
    expect(absent).toEqual([1, expect.stringMatching(/^isotherm: No router answers at 127/)]);
    expect(address).toEqual([2, expect.stringMatching(/^isotherm: "here" is not an address/)]);
  }, 30_000);

  it('exits 2 for a line that is wrong, and 0 for help and version', async () => {
    const [unknown, nothingAsked, value, shared, help, version] = await Promise.all([
      outcome('frob'),
      outcome('ask', rack),
      outcome('up', '--decodes', 'many'),
      outcome('up', '--embedded', '--colocate', 'encoder,decode'),
      outcome('up', '--help'),
      outcome('--version'),
    ]);
    expect(unknown).toEqual([2, expect.stringMatching(/^isotherm: unknown command 'frob'/)]);
    expect(nothingAsked).toEqual([2, expect.stringMatching(/files and a question/)]);
    expect(value).toEqual([2, expect.stringMatching(/must be a whole number/)]);
    expect(shared).toEqual([2, expect.stringMatching(/--embedded puts everything into one/)]);
    expect([help, version]).toEqual([
      [0, ''],
      [0, ''],
    ]);
  }, 30_000);

  it('has the version of its package', async () => {
    const manifest = JSON.parse(readFileSync(`${repository}packages/cli/package.json`, 'utf8')) as {
      version: string;
    };
    const command = bench.run('--version');
    await command.exit;
    expect(command.stdout().trim()).toBe(manifest.version);
  });
});
