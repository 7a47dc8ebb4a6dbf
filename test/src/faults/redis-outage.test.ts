import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { type Deployment, deploy, profileEngine } from '../harness/deployment.ts';
import { generate } from '../harness/generate.ts';
import { untilIdle } from '../harness/idle.ts';
import { profileAnswer } from '../harness/profile-answer.ts';
import { type ProvidedRedis, startOwnRedis } from '../harness/own-redis.ts';
import { describeWithRedis } from '../harness/redis.ts';
import { until, within } from '../harness/until.ts';
import { expectTexts, launch, outcomeOf, pictureRequests } from './flight.ts';

const requests = pictureRequests(20, 100);

await describeWithRedis('Redis dies and comes back empty', { own: true }, (redis) => {
  let deployment: Deployment;
  let texts: readonly string[];
  let second: ProvidedRedis | undefined;

  beforeAll(async () => {
    texts = await Promise.all(requests.map(profileAnswer));
    deployment = await deploy({
      redisUrl: redis.url,
      settings: profileEngine({ decodeStepMs: 20 }),
    });
  });
  afterAll(async () => {
    await deployment.close();
    await second?.stop();
  });

  it('running streams finish; new work waits or is refused, then works again', async () => {
    const flight = launch(deployment, requests);
    await until('a few tokens of each answer', () => flight.leastText() >= 5);
    await redis.stop();
    const [request] = requests;
    if (request === undefined) throw new Error('There is no request.');
    const during = within('a request without Redis', 15_000, generate(deployment, request));
    expectTexts(await flight.answers, texts);

    const port = Number(new URL(redis.url).port);
    second = await startOwnRedis({ port });
    expect([texts[0], 'unavailable', 'saturated']).toContain(outcomeOf(await during).split(':')[0]);
    await until(
      'an answer after Redis came back',
      async () => (await generate(deployment, request)).kind === 'answered',
      20_000,
    );
    expectTexts(await launch(deployment, requests).answers, texts);
    await untilIdle(deployment);
  });
});
