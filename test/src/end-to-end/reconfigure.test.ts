import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { cp, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
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

/** A copy of the shipped model, and one in which the files of fp32 have the weights of int8. */
const variantFolders = async (root: string): Promise<readonly string[]> => {
  const [twin, light] = [join(root, 'panel-twin'), join(root, 'panel-light')];
  for (const dir of [twin, light]) await cp(shippedModelDir, dir, { recursive: true });
  const graphs = join(light, 'onnx');
  for (const file of (await readdir(graphs)).filter((name) => name.endsWith('_int8.onnx'))) {
    await cp(join(graphs, file), join(graphs, file.replace('_int8', '')));
  }
  return [twin, light];
};

await describeWithRedis('a precision that is switched under load', { own: false }, (redis) => {
  let deployment: Deployment;
  let root: string;
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'isotherm-variants-'));
    const variants = (await variantFolders(root)).join(delimiter);
    const settings = { ...withoutCaches, ISOTHERM_MODEL_VARIANTS: variants };
    deployment = await deploy({ redisUrl: redis.url, settings });
  });
  afterAll(async () => {
    await deployment.close();
    await rm(root, { recursive: true, force: true });
  });

  const reconfigure = async (...flags: readonly string[]): Promise<readonly unknown[]> => {
    const { stdout } = await promisify(execFile)(process.execPath, [
      ...[isotherm, 'reconfigure', ...flags, '--json', '--address', deployment.stack.grpc],
    ]);
    return Object.values(JSON.parse(stdout) as object);
  };
  const runsNow = (model: string, precision: string, threads: number) => ({
    ...{ model, precision, threads, clock_share: 1, batch_max: 0 },
  });

  const ask = async ({ bytes, question: text }: (typeof asked)[number]): Promise<string> => {
    const body = question([bytes], text, { max_tokens: tokensMax, service_tier: 'flex' });
    return (await completionOf(deployment.stack.http, body)).choices[0].message.content;
  };

  it('fails nothing, and gives the texts of each precision before and after', async () => {
    expect(await mapInFlight(asked, 4, ask)).toEqual(await reference('fp32'));
    const meanwhile = mapInFlight([...asked, ...asked, ...asked], 8, ask);
    for (const stage of ['encode', 'prefill', 'decode']) {
      const now = await reconfigure(stage, '--precision', 'int8');
      expect(now).toEqual([runsNow('panel', 'int8', 1)]);
    }
    expect(await meanwhile).toHaveLength(3 * asked.length);
    expect(await mapInFlight(asked, 1, ask)).toEqual(await reference('int8'));
    const { instances } = await routerStatus(deployment, deployment.stack.grpc);
    expect(instances.map(({ precision }) => precision)).toEqual(['int8', 'int8', 'int8']);
    await untilIdle(deployment);
  }, 60_000);

  it('other threads and a model of the same weights change no text, other weights do', async () => {
    for (const stage of ['encode', 'prefill', 'decode']) {
      await reconfigure(stage, '--precision', 'fp32');
    }
    const fp32 = await reference('fp32');
    const meanwhile = mapInFlight([...asked, ...asked, ...asked], 8, ask);
    for (const stage of ['decode', 'encode', 'prefill']) {
      const threaded = await reconfigure(stage, '--threads', '2');
      expect(threaded).toEqual([runsNow('panel', 'fp32', 2)]);
      const changed = await reconfigure(stage, '--model', 'panel-twin', '--threads', '1');
      expect(changed).toEqual([runsNow('panel-twin', 'fp32', 1)]);
    }
    expect(await meanwhile).toEqual([...fp32, ...fp32, ...fp32]);
    for (const stage of ['encode', 'prefill', 'decode']) {
      await reconfigure(stage, '--model', 'panel-light');
    }
    expect(await mapInFlight(asked, 1, ask)).toEqual(await reference('int8'));
    const load = (
      await stageStatus(deployment, living(deployment, 'decode')[0]?.ready.address ?? '')
    ).load;
    expect(load).toMatchObject({ model: 'panel-light', precision: 'fp32', threads: 1 });
    await expect(reconfigure('decode', '--model', 'panel-9b')).rejects.toThrow(
      'there are panel, panel-twin, panel-light',
    );
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
