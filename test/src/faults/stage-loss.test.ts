import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type Deployment, quickToNotice } from '../harness/deployment.ts';
import { living, stageStatus, untilIdle } from '../harness/idle.ts';
import { profileAnswer } from '../harness/profile-answer.ts';
import { describeWithRedis } from '../harness/redis.ts';
import { until } from '../harness/until.ts';
import { expectTexts, launch, migrationsOf, pictureRequests } from './flight.ts';
import { instanceWithWork } from './instance-with-work.ts';
import { deployPairs } from './pairs.ts';

const requests = pictureRequests(20, 60);

await describeWithRedis('with 20 requests in flight', { own: false }, (redis) => {
  let deployment: Deployment;
  let texts: readonly string[];

  beforeAll(async () => {
    texts = await Promise.all(requests.map(profileAnswer));
    deployment = await deployPairs(
      redis.url,
      {
        encodeBatchMs: 150,
        batchMax: 2,
        prefillPromptMs: 40,
        decodeStepMs: 20,
      },
      quickToNotice,
    );
  });
  afterAll(() => deployment.close());
  afterEach(() => untilIdle(deployment));

  describe('SIGSTOP', () => {
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
      });
    }
  });

  describe('kill -9', () => {
    for (const stage of ['encoder', 'prefill'] as const) {
      it(`of an instance of ${stage}: its work goes to the other, all texts are right`, async () => {
        const flight = launch(deployment, requests);
        const victim = await instanceWithWork(deployment, stage);
        victim.kill('SIGKILL');
        await victim.exited;
        expectTexts(await flight.answers, texts);
        await untilIdle(deployment);
        await deployment.stack.add(stage);
      });
    }

    it('of a decode instance: the answers move, no token doubled or lost', async () => {
      const flight = launch(deployment, requests);
      await until('a few tokens of each answer', () => flight.leastText() >= 5);
      const victim = await instanceWithWork(deployment, 'decode');
      victim.kill('SIGKILL');
      const answers = await flight.answers;
      expectTexts(answers, texts);
      expect(migrationsOf(answers)).toBeGreaterThanOrEqual(1);
      for (const answer of answers) {
        if (answer.kind === 'failed') continue;
        expect(answer.finished.usage?.completionTokens).toBe(60);
      }
      await untilIdle(deployment);
      await deployment.stack.add('decode');
    });

    // Last: what it kills is not started again.
    it('of an encoder and a decode instance: six pictures are encoded again', async () => {
      const parts = requests.slice(0, 6).flatMap(({ messages }) => messages?.[0]?.parts ?? []);
      // Long enough to start another encoder meanwhile.
      const request = { messages: [{ role: 'user', parts }], maxTokens: 400 };
      const flight = launch(deployment, [request]);
      await until('a few tokens', () => flight.leastText() >= 5);
      for (const encoder of living(deployment, 'encoder')) {
        const { leases } = await stageStatus(deployment, encoder.ready.address);
        if (leases > 0) encoder.kill('SIGKILL');
      }
      await deployment.stack.add('encoder');
      (await instanceWithWork(deployment, 'decode')).kill('SIGKILL');
      expectTexts(await flight.answers, [await profileAnswer(request)]);
    });
  });
});
