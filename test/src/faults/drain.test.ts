import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import type { Deployment } from '../harness/deployment.ts';
import { untilIdle } from '../harness/idle.ts';
import { profileAnswer } from '../harness/profile-answer.ts';
import { describeWithRedis } from '../harness/redis.ts';
import { until, within } from '../harness/until.ts';
import { expectTexts, launch, pictureRequests } from './flight.ts';
import { instanceWithWork } from './instance-with-work.ts';
import { deployPairs } from './pairs.ts';

const requests = pictureRequests(20, 40);

await describeWithRedis('SIGTERM under load', { own: false }, (redis) => {
  let deployment: Deployment;
  let texts: readonly string[];

  beforeAll(async () => {
    texts = await Promise.all(requests.map(profileAnswer));
    deployment = await deployPairs(redis.url, {
      encodeBatchMs: 50,
      batchMax: 2,
      prefillPromptMs: 20,
      decodeStepMs: 20,
    });
  });
  afterAll(() => deployment.close());
  afterEach(() => untilIdle(deployment));

  for (const stage of ['encoder', 'prefill', 'decode'] as const) {
    it(`drains an instance of ${stage}: no request fails, it exits with 0`, async () => {
      const before = launch(deployment, requests);
      const leaving = await instanceWithWork(deployment, stage);
      leaving.kill('SIGTERM');
      // More work comes while it drains: none of it may be sent into a lane that nobody reads.
      const during = launch(deployment, requests);
      expectTexts(await before.answers, texts);
      expectTexts(await during.answers, texts);
      expect(await within('the exit of the drained instance', 12_000, leaving.exited)).toBe(0);
    });
  }

  it('drains the router: open streams finish, it exits with 0', async () => {
    const [router] = deployment.stack.instances('router');
    const flight = launch(deployment, requests);
    await until('a few tokens of each answer', () => flight.leastText() >= 5);
    router?.kill('SIGTERM');
    expectTexts(await flight.answers, texts);
    expect(await within('the exit of the router', 12_000, router?.exited ?? never)).toBe(0);
  });
});

const never: Promise<null> = new Promise(() => undefined);
