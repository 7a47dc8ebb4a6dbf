import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { createMonolith } from '@isotherm/engine';
import { shippedModelDir } from '@isotherm/stack';
import { completionOf, question } from '../harness/chat.ts';
import { type Deployment, deploy, withoutCaches } from '../harness/deployment.ts';
import { fixtureQuestions } from '../harness/fixture.ts';
import { routerStatus, untilIdle } from '../harness/idle.ts';
import { mapInFlight } from '../harness/in-flight.ts';
import { describeWithRedis } from '../harness/redis.ts';
import { repositoryRoot } from '../harness/repository.ts';

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
    const body = question([bytes], text, { max_tokens: tokensMax });
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
      expect(Object.values(JSON.parse(stdout) as object)).toEqual(['int8']);
    }
    expect(await meanwhile).toHaveLength(3 * asked.length);
    expect(await mapInFlight(asked, 1, ask)).toEqual(await reference('int8'));
    const { instances } = await routerStatus(deployment, deployment.stack.grpc);
    expect(instances.map(({ precision }) => precision)).toEqual(['int8', 'int8', 'int8']);
    await untilIdle(deployment);
  }, 60_000);
});
