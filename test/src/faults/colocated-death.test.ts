import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { stageServices } from '@isotherm/stack';
import {
  type Deployment,
  deploy,
  profileEngine,
  quickToNotice,
  withoutCaches,
} from '../harness/deployment.ts';
import { untilIdle } from '../harness/idle.ts';
import { profileAnswer } from '../harness/profile-answer.ts';
import { describeWithRedis } from '../harness/redis.ts';
import { until, within } from '../harness/until.ts';
import { expectTexts, launch, migrationsOf, pictureRequests } from './flight.ts';
import { instanceWithWork } from './instance-with-work.ts';

const requests = pictureRequests(8, 40);

await describeWithRedis(
  'a process with all stages, and one of each beside',
  { own: false },
  (redis) => {
    let deployment: Deployment;
    let texts: readonly string[];

    beforeAll(async () => {
      texts = await Promise.all(requests.map(profileAnswer));
      const profile = { encodeBatchMs: 50, batchMax: 2, prefillPromptMs: 20, decodeStepMs: 20 };
      deployment = await deploy({
        redisUrl: redis.url,
        colocate: stageServices,
        settings: { ...withoutCaches, ...quickToNotice, ...profileEngine(profile) },
      });
      await Promise.all(stageServices.map((service) => deployment.stack.add(service)));
    });
    afterAll(() => deployment.close());
    afterEach(() => untilIdle(deployment));

    it('dies by kill -9: the work of all its stages goes on beside, no token doubled or lost', async () => {
      const flight = launch(deployment, requests);
      await until('a few tokens of each answer', () => flight.leastText() >= 5);
      const more = launch(deployment, requests);
      const victim = await instanceWithWork(deployment, 'colocated');
      victim.kill('SIGKILL');
      await victim.exited;
      const answers = await flight.answers;
      expectTexts(answers, texts);
      expect(migrationsOf(answers)).toBeGreaterThanOrEqual(1);
      expectTexts(await more.answers, texts);
      await untilIdle(deployment);
      await deployment.stack.add('colocated');
    });

    it('drains all its stages on SIGTERM: no request fails, it exits with 0', async () => {
      const before = launch(deployment, requests);
      const leaving = await instanceWithWork(deployment, 'colocated');
      leaving.kill('SIGTERM');
      const during = launch(deployment, requests);
      expectTexts(await before.answers, texts);
      expectTexts(await during.answers, texts);
      expect(await within('the exit of the drained process', 12_000, leaving.exited)).toBe(0);
    });
  },
);
