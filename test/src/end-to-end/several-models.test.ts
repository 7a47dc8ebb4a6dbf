import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { shippedModelDir } from '@isotherm/stack';
import { completionOf, postChat, question } from '../harness/chat.ts';
import { type Deployment, deploy } from '../harness/deployment.ts';
import { fixtureQuestions } from '../harness/fixture.ts';
import { living, untilIdle } from '../harness/idle.ts';
import { describeWithRedis } from '../harness/redis.ts';
import { repositoryRoot } from '../harness/repository.ts';
import { until } from '../harness/until.ts';

const otherDir = join(repositoryRoot, 'models', 'panel-x');
const dirs = [shippedModelDir, otherDir];
const each = dirs.map((dir) => ({ ISOTHERM_MODEL_DIR: dir }));

await describeWithRedis('two models behind one router', { own: false }, (redis) => {
  let deployment: Deployment;
  const [asked] = fixtureQuestions();
  if (asked === undefined) throw new Error('The fixture is empty.');
  const ask = (model: string) => question([asked.bytes], asked.question, { model, max_tokens: 64 });
  const stagesOf = async (model: string): Promise<readonly string[]> => {
    const { isotherm } = await completionOf(deployment.stack.http, ask(model));
    return isotherm.stages.map(({ instance }) => instance);
  };

  beforeAll(async () => {
    deployment = await deploy({
      redisUrl: redis.url,
      shape: { encoder: 2, prefill: 2, decode: 2 },
      settingsOf: {
        router: {
          ISOTHERM_MODEL_DIRS: dirs.join(':'),
          ISOTHERM_MODEL_ALIASES: '{"gpt-4o-mini": "panel-x"}',
          ISOTHERM_INSTANCE_WAIT_MS: '100',
        },
      },
      settingsOfEach: { encoder: each, prefill: each, decode: each },
    });
  });
  afterAll(async () => {
    await untilIdle(deployment);
    await deployment.close();
  });

  it('answer at the same time, each at instances of its own', async () => {
    const [panel, panelX, alias] = await Promise.all(
      ['panel', 'panel-x', 'gpt-4o-mini'].map(stagesOf),
    );
    expect(panel?.length).toBeGreaterThanOrEqual(3);
    expect(panel?.some((instance) => panelX?.includes(instance))).toBe(false);
    expect(new Set(alias)).toEqual(new Set(panelX));
  });

  it('have to be named, and a name that none has is refused with the list', async () => {
    const unnamed = await postChat(deployment.stack.http, question([], 'hello'));
    expect(unnamed).toMatchObject({
      status: 400,
      error: { code: 'invalid_argument', param: 'model' },
    });
    const unknown = await postChat(deployment.stack.http, ask('gpt-5'));
    if (unknown.kind !== 'refused') throw new Error('It was answered.');
    expect([unknown.status, unknown.error.code]).toEqual([404, 'unknown_model']);
    expect(unknown.error.message).toContain('there is "panel", "panel-x"');
  });

  it('are each ready by themselves', async () => {
    const modelsReady = async (): Promise<readonly [string, boolean][]> => {
      const response = await fetch(`${deployment.stack.http}/v1/models`);
      const { data } = (await response.json()) as {
        data: readonly { id: string; isotherm: { ready: boolean } }[];
      };
      return data.map(({ id, isotherm }) => [id, isotherm.ready]);
    };
    expect(await modelsReady()).toEqual([
      ['panel', true],
      ['panel-x', true],
    ]);
    for (const decode of living(deployment, 'decode')) {
      const model = await completionOf(deployment.stack.http, ask('panel-x'));
      if (!model.isotherm.stages.some(({ instance }) => instance === decode.ready.instance))
        continue;
      await decode.stop(5000);
      break;
    }
    await until('one is not', async () => (await modelsReady()).some(([, ready]) => !ready));
    expect(await modelsReady()).toEqual([
      ['panel', true],
      ['panel-x', false],
    ]);
    expect(await stagesOf('panel')).not.toHaveLength(0);
    expect(await postChat(deployment.stack.http, ask('panel-x'))).toMatchObject({ status: 503 });
  });
});
