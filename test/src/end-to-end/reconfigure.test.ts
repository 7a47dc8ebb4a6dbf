import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { createMonolith } from '@isotherm/engine';
import { instanceId, jobId } from '@isotherm/kernel';
import { controlLaneName, redisFabric } from '@isotherm/lanes';
import type { ReconfigureRequestInput, ReconfigureResponse } from '@isotherm/proto';
import { callUnary } from '@isotherm/rpc';
import { shippedModelDir } from '@isotherm/stack';
import { completionOf, question } from '../harness/chat.ts';
import { type Deployment, deploy, profileEngine, withoutCaches } from '../harness/deployment.ts';
import { fixtureQuestions } from '../harness/fixture.ts';
import { living, routerStatus, stageStatus, untilIdle } from '../harness/idle.ts';
import { mapInFlight } from '../harness/in-flight.ts';
import { describeWithRedis } from '../harness/redis.ts';
import { repositoryRoot } from '../harness/repository.ts';
import { until } from '../harness/until.ts';

const asked = fixtureQuestions().slice(0, 16);
const tokensMax = 32;
const isotherm = join(repositoryRoot, 'packages', 'cli', 'bin', 'isotherm.mjs');

/** What one process makes of the questions in a precision. */
const reference = async (precision: 'fp32' | 'int8'): Promise<readonly string[]> => {
  const monolith = await createMonolith({ modelDir: shippedModelDir, precision });
  const sampling = { temperature: 0, topP: 1, seed: 0 };
  const texts = await mapInFlight(asked, 1, async ({ bytes, question: text }) => {
    const parts = [
      { kind: 'image', bytes },
      { kind: 'text', text },
    ] as const;
    return (await monolith.answer([{ role: 'user', parts }], { tokensMax, sampling })).text;
  });
  await monolith.close();
  return texts;
};

await describeWithRedis('a precision that is switched under load', { own: false }, (redis) => {
  let deployment: Deployment;
  beforeAll(async () => {
    deployment = await deploy({ redisUrl: redis.url, settings: withoutCaches });
  });
  afterAll(() => deployment.close());

  const ask = async ({ bytes, question: text }: (typeof asked)[number]): Promise<string> => {
    const body = question([bytes], text, { max_tokens: tokensMax, service_tier: 'flex' });
    return (await completionOf(deployment.stack.http, body)).choices[0].message.content;
  };

  it('fails nothing, and gives the texts of each precision before and after', async () => {
    expect(await mapInFlight(asked, 4, ask)).toEqual(await reference('fp32'));
    const meanwhile = mapInFlight([...asked, ...asked, ...asked], 8, ask);
    for (const stage of ['encode', 'prefill', 'decode']) {
      const { stdout } = await promisify(execFile)(process.execPath, [
        ...[isotherm, 'reconfigure', stage, '--precision', 'int8', '--json'],
        ...['--address', deployment.stack.grpc],
      ]);
      const now = { precision: 'int8', clock_share: 1, batch_max: 0 };
      expect(Object.values(JSON.parse(stdout) as object)).toEqual([now]);
    }
    expect(await meanwhile).toHaveLength(3 * asked.length);
    expect(await mapInFlight(asked, 1, ask)).toEqual(await reference('int8'));
    const { instances } = await routerStatus(deployment, deployment.stack.grpc);
    expect(instances.map(({ precision }) => precision)).toEqual(['int8', 'int8', 'int8']);
    await untilIdle(deployment);
  }, 60_000);
});

const stepMs = 4;

await describeWithRedis('a clock that is slowed under load', { own: false }, (redis) => {
  let deployment: Deployment;
  const prefix = `isotherm-clock-${randomUUID()}`;
  beforeAll(async () => {
    deployment = await deploy({
      redisUrl: redis.url,
      settings: { ...profileEngine({ decodeStepMs: stepMs }), ISOTHERM_PREFIX: prefix },
    });
  });
  afterAll(() => deployment.close());

  const decoder = () => {
    const process = living(deployment, 'decode')[0];
    if (process === undefined) throw new Error('no decode instance');
    return process.ready.address;
  };
  const answer = async (): Promise<number> => {
    const sinceMs = performance.now();
    await completionOf(deployment.stack.http, question([], 'How warm?', { max_tokens: 40 }));
    return performance.now() - sinceMs;
  };
  const reconfigure = (request: ReconfigureRequestInput): Promise<ReconfigureResponse> =>
    callUnary<ReconfigureResponse>((callback) =>
      deployment.peers
        .stage(decoder())
        .reconfigure(request, { deadline: Date.now() + 5000 }, callback),
    );

  it('takes the command from the lane, shows it, slows the work, and counts it', async () => {
    const { instanceId: id } = await stageStatus(deployment, decoder());
    const fabric = await redisFabric({ url: redis.url, prefix });
    const lane = fabric.lanes.sender<ReconfigureRequestInput>(controlLaneName(instanceId(id)));
    await lane.add({ id: jobId('one'), body: { clockShare: 0.25, batchMax: 3 } });
    const load = async () => (await stageStatus(deployment, decoder())).load;
    await until('the clock is slowed', async () => (await load())?.clockShare === 0.25);
    expect((await load())?.capacity).toBe(3);
    const before = await load();
    const slow = await answer();
    const after = await load();
    // 39 steps of 4 ms, each followed by three times its length.
    expect(slow).toBeGreaterThan(39 * stepMs * 4);
    const busyMs = (after?.busyMs ?? 0) - (before?.busyMs ?? 0);
    expect(busyMs).toBeGreaterThan(39 * stepMs * 4);
    expect(busyMs).toBeLessThanOrEqual(slow);
    await fabric.close();
  });

  it('is given back by a call, and refuses what cannot be', async () => {
    expect(await reconfigure({ clockShare: 1, batchMax: 0 })).toMatchObject({
      clockShare: 1,
      batchMax: 0,
      precision: '',
    });
    await expect(reconfigure({ clockShare: 0 })).rejects.toMatchObject({
      code: 'invalid_argument',
    });
    await expect(reconfigure({ precision: 'int8' })).rejects.toMatchObject({ code: 'unsupported' });
    await expect(reconfigure({})).rejects.toMatchObject({ code: 'invalid_argument' });
    const { load } = await stageStatus(deployment, decoder());
    expect([load?.clockShare, load?.capacity]).toEqual([1, 32]);
  });
});
