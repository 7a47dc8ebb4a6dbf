import { execFile, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { completionOf, question } from '../harness/chat.ts';
import { type Deployment, deploy } from '../harness/deployment.ts';
import { fixtureQuestions } from '../harness/fixture.ts';
import { describeWithRedis } from '../harness/redis.ts';
import { fixtureFolder, repositoryRoot } from '../harness/repository.ts';

const python = '/usr/bin/python3';
const client = join(repositoryRoot, 'test', 'foreign', 'client.py');
const clientMsMax = 30_000;
const installMsMax = 60_000;

const hasGrpc = (): boolean =>
  spawnSync(python, ['-c', 'import grpc, google.protobuf'], { timeout: clientMsMax }).status === 0;

/** Debian's gRPC for Python; root may install it. */
const foreignClientIsThere = (): boolean => {
  if (hasGrpc()) return true;
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return false;
  spawnSync('apt-get', ['install', '-y', '-q', '--no-install-recommends', 'python3-grpcio'], {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    timeout: installMsMax,
  });
  return hasGrpc();
};

interface Seen {
  readonly health: number;
  readonly services: readonly string[];
  readonly answer: {
    readonly text: string;
    readonly finishReason: string;
    readonly promptTokens: number;
    readonly imageTokens: number;
    readonly stages: readonly string[];
    readonly requestIds: readonly string[];
  };
  /** Name, what it takes, whether it is ready. */
  readonly models: readonly (readonly [string, readonly string[], boolean])[];
  /** Tokens of prompt and image, and who counted. */
  readonly count: readonly [number, number, string];
  /** Method, status, code, field, message. */
  readonly refusals: readonly (readonly string[])[];
}

await describeWithRedis('a client of another language', { own: false }, (redis) => {
  if (!foreignClientIsThere()) {
    it.skip('NOT TESTED: python3-grpcio is not there and could not be installed', () => {});
    return;
  }
  let deployment: Deployment;
  beforeAll(async () => {
    deployment = await deploy({ redisUrl: redis.url });
  });
  afterAll(() => deployment.close());

  it('finds health, learns the contracts by reflection and gets the same answer', async () => {
    const [asked] = fixtureQuestions();
    if (asked === undefined) throw new Error('The fixture is empty.');
    const { stack } = deployment;
    const words = [client, stack.grpc, join(fixtureFolder, asked.picture), asked.question];
    const { stdout } = await promisify(execFile)(python, words, { timeout: clientMsMax });
    const { health, services, answer, ...seen } = JSON.parse(stdout) as Seen;
    expect(health).toBe(1);
    // What it serves, and not every contract of the repository.
    expect(services).toEqual([
      'grpc.health.v1.Health',
      'isotherm.router.v1.RouterService',
      'isotherm.transfer.v1.TransferService',
    ]);
    const whole = await completionOf(stack.http, question([asked.bytes], asked.question));
    expect(answer).toMatchObject({
      text: whole.choices[0].message.content,
      finishReason: whole.choices[0].finish_reason,
      promptTokens: whole.usage.prompt_tokens,
      stages: whole.isotherm.stages.map(({ stage }) => stage),
    });
    const [finishedId, metadataId] = answer.requestIds;
    expect(finishedId).toBe(metadataId);
    expect(seen.models).toEqual([['panel', ['text', 'image', 'audio', 'video'], true]]);
    // Counting beforehand and the bill are the same.
    expect(seen.count).toEqual([answer.promptTokens, answer.imageTokens, 'exact']);
    expect(answer.imageTokens).toBeGreaterThan(0);
    expect(seen.refusals.map((refusal) => refusal.slice(0, 4))).toEqual([
      ['Generate', 'NOT_FOUND', 'unknown_model', 'model'],
      ['Generate', 'INVALID_ARGUMENT', 'invalid_argument', 'messages'],
      ['Generate', 'INVALID_ARGUMENT', 'invalid_argument', 'temperature'],
      ['CountTokens', 'NOT_FOUND', 'unknown_model', 'model'],
      ['CountTokens', 'INVALID_ARGUMENT', 'invalid_argument', 'messages'],
    ]);
    expect(seen.refusals[0]?.[4]).toContain('there is "panel"');
  });
});
