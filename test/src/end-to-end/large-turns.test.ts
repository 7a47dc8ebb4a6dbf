import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { type Deployment, deploy, profileEngine } from '../harness/deployment.ts';
import { fixtureQuestions } from '../harness/fixture.ts';
import { type Answer, generate } from '../harness/generate.ts';
import { routerStatus, untilIdle } from '../harness/idle.ts';
import { describeWithRedis } from '../harness/redis.ts';
import { until } from '../harness/until.ts';

/** Above what is read on the event loop. */
const largeBytes = 100_000;
/** Answered one after the other: a large one that did not wait would have been done long before. */
const smallCount = 20;
/** Until somebody gives it back, a turn lasts. */
const settings = {
  ISOTHERM_LARGE_AT_ONCE_MAX: '1',
  ISOTHERM_LARGE_TURN_MS_MAX: '600000',
  ISOTHERM_INSTANCE_WAIT_MS: '600000',
};

const textOf = (text: string) => ({
  messages: [{ role: 'user', parts: [{ text }] }],
  maxTokens: 4,
});
const large = textOf('hot '.repeat(largeBytes / 4));
const small = textOf('Is unit 3 on?');
/** Behind its last chunk a PNG file may hold anything. */
const picture = () => {
  const png = fixtureQuestions()[0]?.bytes ?? new Uint8Array();
  const image = Buffer.concat([png, randomBytes(largeBytes)]);
  return { messages: [{ role: 'user', parts: [{ image }] }], maxTokens: 4 };
};

await describeWithRedis('large requests take turns', { own: false }, (redis) => {
  let deployment: Deployment;
  let controller: AbortController;
  beforeAll(async () => {
    deployment = await deploy({
      redisUrl: redis.url,
      shape: { encoder: 0 },
      settings: { ...profileEngine({ contextMax: 1 << 20, decodeStepMs: 5 }), ...settings },
    });
    // The router's thread starts with the first one.
    await generate(deployment, large);
  });
  afterAll(() => deployment.close());
  beforeEach(() => {
    controller = new AbortController();
  });
  afterEach(async () => {
    controller.abort();
    await untilIdle(deployment);
  });

  const untilInHand = (count: number): Promise<void> =>
    until(`${count} in hand`, async () => {
      const { requests } = await routerStatus(deployment, deployment.stack.grpc);
      return requests === count;
    });
  const kindOf = async (answer: Promise<Answer>): Promise<Answer['kind']> => (await answer).kind;

  it('and small ones do not wait for them', async () => {
    const { signal } = controller;
    // There is no encoder: it has its turn until its client leaves.
    const first = generate(deployment, picture(), { signal });
    await untilInHand(1);
    let done = false;
    const second = generate(deployment, large).finally(() => (done = true));
    await untilInHand(2);
    for (let count = 0; count < smallCount; count++) {
      expect(await kindOf(generate(deployment, small))).toBe('answered');
    }
    expect(done).toBe(false);
    controller.abort();
    expect(await kindOf(first)).toBe('failed');
    expect(await kindOf(second)).toBe('answered');
  });

  it('only until the stages have what they need', async () => {
    const { signal } = controller;
    let text = '';
    const first = generate(
      deployment,
      { ...large, maxTokens: 100_000 },
      { signal, onText: (piece) => (text += piece) },
    );
    await until('the first has begun', () => text !== '');
    expect(await kindOf(generate(deployment, large))).toBe('answered');
    controller.abort();
    expect(await kindOf(first)).toBe('failed');
  });
});
