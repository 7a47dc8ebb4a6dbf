import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { type Deployment, deploy, profileEngine, quickToNotice } from '../harness/deployment.ts';
import { untilIdle } from '../harness/idle.ts';
import { profileAnswer } from '../harness/profile-answer.ts';
import { describeWithRedis } from '../harness/redis.ts';
import { until } from '../harness/until.ts';
import { expectTexts, launch, pictureRequests } from './flight.ts';

const requests = pictureRequests(20, 60);

await describeWithRedis('two routers over the same instances', { own: false }, (redis) => {
  let deployment: Deployment;
  let texts: readonly string[];
  const addressOf = (index: number): string =>
    deployment.stack.instances('router')[index]?.ready.address ?? '';

  beforeAll(async () => {
    texts = await Promise.all(requests.map(profileAnswer));
    deployment = await deploy({
      redisUrl: redis.url,
      shape: { router: 2 },
      settings: {
        ...quickToNotice,
        ...profileEngine({
          encodeBatchMs: 100,
          batchMax: 4,
          prefillPromptMs: 40,
          decodeStepMs: 20,
        }),
      },
    });
  });
  afterAll(() => deployment.close());

  it('answer at the same time, each its own requests', async () => {
    const flights = [0, 1].map((index) =>
      launch(deployment, requests, { address: addressOf(index) }),
    );
    for (const flight of flights) expectTexts(await flight.answers, texts);
    await untilIdle(deployment);
  });

  it('one is killed: its work and leases end at every instance, the other goes on', async () => {
    const surviving = launch(deployment, requests, { address: addressOf(0) });
    const orphaned = launch(deployment, requests, { address: addressOf(1) });
    // By now some of the twenty decode, some are being prefilled and some encoded.
    await until('the first tokens', () => surviving.someText() && orphaned.someText());
    deployment.stack.instances('router')[1]?.kill('SIGKILL');
    for (const answer of await orphaned.answers) expect(answer.kind).toBe('failed');
    expectTexts(await surviving.answers, texts);
    await untilIdle(deployment);
  });
});
