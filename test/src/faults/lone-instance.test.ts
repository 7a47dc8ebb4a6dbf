import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { type Deployment, deploy, profileEngine, quickToNotice } from '../harness/deployment.ts';
import { generate } from '../harness/generate.ts';
import { routerStatus, untilIdle } from '../harness/idle.ts';
import { profileAnswer } from '../harness/profile-answer.ts';
import { describeWithRedis } from '../harness/redis.ts';
import { until } from '../harness/until.ts';
import { expectTexts, expectTextsOrUnavailable, launch, pictureRequests } from './flight.ts';
import { instanceWithWork } from './instance-with-work.ts';

const requests = pictureRequests(20, 60);
const instanceWaitMs = 1500;

await describeWithRedis('a stage with one instance', { own: false }, (redis) => {
  let deployment: Deployment;
  let texts: readonly string[];

  beforeAll(async () => {
    texts = await Promise.all(requests.map(profileAnswer));
    deployment = await deploy({
      redisUrl: redis.url,
      settings: {
        ...quickToNotice,
        ISOTHERM_INSTANCE_WAIT_MS: String(instanceWaitMs),
        ...profileEngine({
          encodeBatchMs: 100,
          batchMax: 4,
          prefillPromptMs: 20,
          decodeStepMs: 20,
        }),
      },
    });
  });
  afterAll(() => deployment.close());
  afterEach(() => untilIdle(deployment));

  for (const stage of ['encoder', 'prefill', 'decode'] as const) {
    it(`freezes for a moment (${stage}): the work goes on there when it is back`, async () => {
      const flight = launch(deployment, requests);
      const frozen = await instanceWithWork(deployment, stage);
      frozen.kill('SIGSTOP');
      try {
        await until('the router has noticed', async () => {
          const { instances } = await routerStatus(deployment, deployment.stack.grpc);
          return !instances.some(({ address, ready }) => address === frozen.ready.address && ready);
        });
      } finally {
        frozen.kill('SIGCONT');
      }
      expectTexts(await flight.answers, texts);
    });
  }

  it('dies: an explicit error after one bounded wait, then work again', async () => {
    const flight = launch(deployment, requests);
    await until('a few tokens of each answer', () => flight.leastText() >= 5);
    (await instanceWithWork(deployment, 'decode')).kill('SIGKILL');
    const killedMs = performance.now();
    const answers = await flight.answers;
    expectTextsOrUnavailable(answers, texts);
    expect(answers.every((answer) => answer.kind === 'failed')).toBe(true);
    // The answers were prefilled again, 20 ms each, before they found no decode instance.
    expect(performance.now() - killedMs).toBeLessThan(3 * instanceWaitMs);
    await untilIdle(deployment);
    const [request] = requests;
    const short = await generate(deployment, { ...request, timeoutMs: 400 });
    expect(short).toMatchObject({ kind: 'failed', fault: { code: 'deadline_exceeded' } });
    expect(short.tookMs).toBeLessThan(instanceWaitMs);
    await deployment.stack.add('decode');
    expectTexts(await launch(deployment, requests).answers, texts);
  });
});
