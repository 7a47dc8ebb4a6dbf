import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { type Deployment, quickToNotice } from '../harness/deployment.ts';
import { untilIdle } from '../harness/idle.ts';
import { profileAnswer } from '../harness/profile-answer.ts';
import { describeWithRedis } from '../harness/redis.ts';
import { until } from '../harness/until.ts';
import { expectTexts, launch, migrationsOf, pictureRequests } from './flight.ts';
import { instanceWithWork } from './instance-with-work.ts';
import { deployPairs } from './pairs.ts';

const requests = pictureRequests(20, 60);

await describeWithRedis('SIGSTOP with 20 requests in flight', { own: false }, (redis) => {
  let deployment: Deployment;
  let texts: readonly string[];

  beforeAll(async () => {
    texts = await Promise.all(requests.map(profileAnswer));
    deployment = await deployPairs(
      redis.url,
      {
        encodeBatchMs: 100,
        batchMax: 2,
        prefillPromptMs: 40,
        decodeStepMs: 20,
      },
      quickToNotice,
    );
  });
  afterAll(() => deployment.close());

  it('of a decode instance: its silence is noticed, its answers move', async () => {
    const flight = launch(deployment, requests);
    await until('a few tokens of each answer', () => flight.leastText() >= 5);
    const victim = await instanceWithWork(deployment, 'decode');
    victim.kill('SIGSTOP');
    try {
      const answers = await flight.answers;
      expectTexts(answers, texts);
      expect(migrationsOf(answers)).toBeGreaterThanOrEqual(1);
      // By its silence, and not only later, when its entry in the registry had run out.
      expect(deployment.logs.some((line) => line.includes('"reason":"silent"'))).toBe(true);
    } finally {
      victim.kill('SIGCONT');
    }
    await untilIdle(deployment);
  });

  for (const stage of ['encoder', 'prefill'] as const) {
    it(`of an instance of ${stage}: the other does its work`, async () => {
      const flight = launch(deployment, requests);
      const victim = await instanceWithWork(deployment, stage);
      victim.kill('SIGSTOP');
      try {
        expectTexts(await flight.answers, texts);
      } finally {
        victim.kill('SIGCONT');
      }
      await untilIdle(deployment);
    });
  }
});
