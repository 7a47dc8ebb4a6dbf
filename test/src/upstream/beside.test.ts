import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type StandIn, startStandIn, streamOf } from '@isotherm/engine/upstream/testing';
import { startServiceProcess } from '@isotherm/stack';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { completionOf, postChat, question } from '../harness/chat.ts';
import { type Deployment, deploy, profileEngine } from '../harness/deployment.ts';
import { generate } from '../harness/generate.ts';
import { untilIdle } from '../harness/idle.ts';
import { describeWithRedis } from '../harness/redis.ts';
import { repositoryRoot } from '../harness/repository.ts';

/** Told to the services and to nobody else. */
const apiKey = `sk-${randomUUID()}`;

/** The command until it has exited; what it said as JSON lines. */
const isotherm = async (environment: NodeJS.ProcessEnv, ...words: readonly string[]) => {
  const main = join(repositoryRoot, 'packages', 'cli', 'bin', 'isotherm.mjs');
  const child = spawn(process.execPath, [main, ...words], {
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const said: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) said.push(line);
  const [code] = (await exited) as [number | null];
  return { code, lines: said.map((line) => JSON.parse(line) as Record<string, unknown>) };
};

await describeWithRedis("a server's model beside one of stages", { own: false }, (redis) => {
  let deployment: Deployment;
  let server: StandIn;

  beforeAll(async () => {
    server = await startStandIn();
    server.always(streamOf(['Unit ', '7']));
    deployment = await deploy({
      redisUrl: redis.url,
      shape: { upstream: 1 },
      settings: {
        ...profileEngine({ answerTokens: 3 }),
        ISOTHERM_LOG_LEVEL: 'trace',
        ISOTHERM_UPSTREAM_URL: server.url,
        ISOTHERM_UPSTREAM_API_KEY: apiKey,
      },
    });
  });
  afterAll(async () => {
    await deployment.close();
    await server.close();
  });

  it('is listed with it, and each is asked by its name', async () => {
    const { http } = deployment.stack;
    const list = (await (await fetch(`${http}/v1/models`)).json()) as { data: { id: string }[] };
    expect(list.data.map(({ id }) => id)).toEqual(['profile', 'tiny']);
    const stagesOf = async (model: string) => {
      const { isotherm } = await completionOf(http, question([], 'go on', { model }));
      return { counts: isotherm.token_counts, stages: isotherm.stages.map(({ stage }) => stage) };
    };
    expect(await stagesOf('profile')).toEqual({ counts: 'exact', stages: ['prefill', 'decode'] });
    expect(await stagesOf('tiny')).toEqual({ counts: 'reported', stages: ['whole'] });
    const messages = [{ role: 'user', parts: [{ text: 'go on' }] }];
    expect(await generate(deployment, { model: 'tiny', messages })).toMatchObject({
      text: 'Unit 7',
      finished: { tokenCounts: 'reported', usage: { promptTokens: 7, completionTokens: 2 } },
    });
    await untilIdle(deployment);
  });

  it('is asked by its name from the command line', async () => {
    const words = ['ask', '-', 'go on', '--model', 'tiny', '--json'];
    const { code, lines } = await isotherm({ ISOTHERM_ADDRESS: deployment.stack.grpc }, ...words);
    expect(code).toBe(0);
    expect(lines).toEqual([expect.objectContaining({ answer: 'Unit 7', model: 'tiny' })]);
  });

  it('has its key sent to the server and written to no log', async () => {
    const body = question([], 'a secret question', { model: 'tiny' });
    await completionOf(deployment.stack.http, body);
    expect(server.requests.at(-1)?.headers.authorization).toBe(`Bearer ${apiKey}`);
    server.next(({ headers }, response) => {
      response.writeHead(401, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ error: { message: `bad key ${headers.authorization}` } }));
    });
    await postChat(deployment.stack.http, body);
    const logs = deployment.logs.join('\n');
    expect(logs).toContain('upstream failed');
    expect(logs).not.toContain(apiKey);
    expect(logs).not.toContain('secret question');
  });
});

describe('isotherm up --upstream', () => {
  const anyPorts = ['--http-port', '0', '--grpc-port', '0', '--once', '--json'];

  it('starts a router and an instance in front of the server, and leaves nothing', async () => {
    const server = await startStandIn();
    const ask = ['--picture', join(repositoryRoot, 'models/panel/examples/rack.png')];
    const words = ['up', '--upstream', server.url, '--embedded', ...ask, ...anyPorts];
    const { code, lines } = await isotherm({}, ...words);
    expect(code).toBe(0);
    expect(lines).toContainEqual(expect.objectContaining({ event: 'answered', answer: 'hello' }));
    expect(server.requests[0]?.body).toMatchObject({ model: 'tiny', stream: true });
    await server.close();
  });
});

describe("a server's model in one process with the router", () => {
  it('is answered, and the process ends well', async () => {
    const server = await startStandIn();
    const embedded = await startServiceProcess({
      service: 'embedded',
      main: join(repositoryRoot, 'services', 'embedded', 'dist', 'main.js'),
      environment: {
        PATH: process.env['PATH'],
        ISOTHERM_ENGINE: 'upstream',
        ISOTHERM_UPSTREAM_URL: server.url,
      },
      readyMsMax: 30_000,
      log: () => undefined,
    });
    const { choices } = await completionOf(
      String(embedded.ready['http']),
      question([], 'go on', { model: 'tiny' }),
    );
    expect(choices[0].message.content).toBe('hello');
    expect(await embedded.stop(10_000)).toBe(0);
    await server.close();
  });
});
