import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { callUnary } from '@isotherm/rpc';
import { pictureRequests } from '../faults/flight.ts';
import { instanceWithWork } from '../faults/instance-with-work.ts';
import { type Deployment, deploy, profileEngine, withoutCaches } from '../harness/deployment.ts';
import { generate } from '../harness/generate.ts';
import { routerStatus } from '../harness/idle.ts';
import { describeWithRedis } from '../harness/redis.ts';
import { repositoryRoot } from '../harness/repository.ts';
import { until } from '../harness/until.ts';

const isotherm = join(repositoryRoot, 'packages', 'cli', 'bin', 'isotherm.mjs');

interface Note {
  readonly kind: string;
  readonly facts: Readonly<Record<string, string | number>>;
  readonly placement?: {
    readonly stage: string;
    readonly picked: string;
    readonly scores: Readonly<Record<string, Readonly<Record<string, number>>>>;
    readonly dropped: Readonly<Record<string, string>>;
  };
}

await describeWithRedis('the record of a request', { own: false }, (redis) => {
  let deployment: Deployment;
  beforeAll(async () => {
    deployment = await deploy({
      redisUrl: redis.url,
      shape: { router: 2, decode: 2 },
      settings: { ...withoutCaches, ...profileEngine({ decodeStepMs: 20 }) },
    });
  });
  afterAll(() => deployment.close());

  const explained = async (...words: readonly string[]): Promise<string> => {
    const [, second] = deployment.stack.instances('router');
    const address = second?.ready.address ?? '';
    const { stdout } = await promisify(execFile)(process.execPath, [
      ...[isotherm, 'explain', ...words, '--address', address],
    ]);
    return stdout;
  };

  it('tells of admission, each placement with its scores, a move and the end', async () => {
    const [request] = pictureRequests(1, 60);
    let text = '';
    const answering = generate(deployment, request ?? {}, { onText: (more) => (text += more) });
    await until('a few tokens', () => text.length >= 5);
    const lost = await instanceWithWork(deployment, 'decode');
    lost.kill('SIGKILL');
    const answer = await answering;
    if (answer.kind !== 'answered') throw new Error(`It failed: ${answer.fault.message}`);
    const { requestId } = answer.finished;

    // The other router is asked: it finds the one that handled the request by the registry.
    const record = JSON.parse(await explained(requestId, '--json')) as { notes: readonly Note[] };
    const kinds = record.notes.map(({ kind, placement }) => placement?.stage ?? kind);
    expect(kinds).toEqual([
      ...['admitted', 'encode', 'prefill', 'decode', 'attempt_failed', 'waited'],
      ...['migrated', 'prefill', 'decode', 'finished'],
    ]);
    expect(record.notes[0]?.facts).toMatchObject({ model: 'profile', media: 1 });
    const [first, second] = record.notes.filter(({ placement }) => placement?.stage === 'decode');
    expect(Object.keys(first?.placement?.scores ?? {})).toHaveLength(2);
    const decode = String(lost.ready['instance']);
    expect(first?.placement?.picked).toBe(decode);
    expect(second?.placement?.picked).not.toBe(decode);
    expect(record.notes.at(-1)?.facts).toMatchObject({ completionTokens: 60, migrations: 1 });

    const account = await explained(requestId);
    expect(account).toMatch(/placed decode at decode-\w+: attempt 1/);
    expect(account).toMatch(/decoding moved: code unavailable/);
  });

  it('is kept of a refused request too, and by one router only', async () => {
    const [first] = deployment.stack.instances('router');
    const response = await fetch(`${deployment.stack.http}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ messages: [{ role: 'user', content: 'x' }], model: 'nobody' }),
    });
    await response.text();
    const requestId = response.headers.get('x-request-id') ?? '';
    const { notes } = JSON.parse(await explained(requestId, '--json')) as {
      notes: readonly Note[];
    };
    expect(notes).toEqual([expect.objectContaining({ kind: 'failed', facts: expect.anything() })]);
    expect(notes[0]?.facts).toEqual({ code: 'unknown_model', param: 'model' });
    const [, second] = deployment.stack.instances('router');
    const call = callUnary<unknown>((callback) =>
      deployment.peers.router(second?.ready.address ?? '').explain({ requestId }, callback),
    );
    await expect(call).rejects.toMatchObject({ code: 'not_found' });
    await expect(explained('nothing')).rejects.toMatchObject({
      stderr: expect.stringMatching(/^isotherm: None of 2 routers remembers request "nothing"/),
    });
    const { routers } = await routerStatus(deployment, first?.ready.address ?? '');
    expect(routers.map(({ state }) => state)).toEqual(['serving', 'serving']);
  });
});
