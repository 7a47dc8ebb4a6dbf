import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { postChat, question } from '../harness/chat.ts';
import { type Deployment, deploy, profileEngine } from '../harness/deployment.ts';
import { fixtureQuestions } from '../harness/fixture.ts';
import { generate } from '../harness/generate.ts';
import { living, routerStatus, stageStatus, untilIdle } from '../harness/idle.ts';
import { describeWithRedis } from '../harness/redis.ts';
import { postStream } from '../harness/stream.ts';
import { until } from '../harness/until.ts';

const clients = 10;
const pictures = fixtureQuestions()
  .slice(0, clients)
  .map(({ bytes }) => bytes);
const endless = 2000;
const stageMs = 300;
/** Everything is given back within this: far less than what was asked for would take. */
const givenBackMsMax = 4000;

/** How a client of each kind asks for an endless answer, until it is aborted. */
type Client = (
  deployment: Deployment,
  picture: Uint8Array,
  signal: AbortSignal,
  onText: () => void,
) => Promise<unknown>;

const kinds: Readonly<Record<string, Client>> = {
  'over gRPC': (deployment, picture, signal, onText) => {
    const parts = [{ image: picture }, { text: 'go on' }];
    const request = { messages: [{ role: 'user', parts }], maxTokens: endless };
    return generate(deployment, request, { signal, onText });
  },
  'of an HTTP stream': ({ stack }, picture, signal, onText) => {
    const body = question([picture], 'go on', { max_tokens: endless });
    return postStream(stack.http, body, { signal }, onText);
  },
  'of a whole HTTP answer': ({ stack }, picture, signal) =>
    postChat(stack.http, question([picture], 'go on', { max_tokens: endless }), { signal }),
};

const running = async (deployment: Deployment, service: 'encoder' | 'prefill' | 'decode') => {
  const [instance] = living(deployment, service);
  if (instance === undefined) throw new Error(`There is no ${service} instance.`);
  return (await stageStatus(deployment, instance.ready.address)).load?.running ?? 0;
};

await describeWithRedis('a client that goes away', { own: false }, (redis) => {
  let deployment: Deployment;
  beforeAll(async () => {
    deployment = await deploy({
      redisUrl: redis.url,
      settings: profileEngine({
        encodeBatchMs: stageMs,
        batchMax: 4,
        prefillPromptMs: stageMs / 3,
        decodeStepMs: 20,
        slots: 4,
      }),
    });
  });
  afterAll(() => deployment.close());
  afterEach(async () => {
    // Slots are free again: four of them would otherwise be taken for 40 s.
    const parts = [{ text: 'go on' }];
    const next = await generate(deployment, { messages: [{ role: 'user', parts }], maxTokens: 3 });
    expect(next.kind).toBe('answered');
    expect(next.tookMs).toBeLessThan(5000);
    await untilIdle(deployment);
  });

  const leave = async (client: Client, when: () => Promise<void>, atFirstText = false) => {
    const leaving = pictures.map((picture) => {
      const controller = new AbortController();
      const onText = (): void => (atFirstText ? controller.abort() : undefined);
      return { controller, ended: client(deployment, picture, controller.signal, onText) };
    });
    const ends = Promise.allSettled(leaving.map(({ ended }) => ended));
    await when();
    for (const { controller } of leaving) controller.abort();
    await untilIdle(deployment, givenBackMsMax);
    await ends;
  };

  for (const [kind, client] of Object.entries(kinds)) {
    for (const stage of ['encoder', 'prefill', 'decode'] as const) {
      it(`${kind} while ${stage} works for it leaves nothing behind`, async () => {
        await leave(client, () =>
          until(`${stage} at work for it`, async () => (await running(deployment, stage)) > 0),
        );
      });
    }
  }

  it('with the first piece of text leaves no KV cache behind', async () => {
    const client = kinds['over gRPC'];
    if (client === undefined) throw new Error('There is no such client.');
    const allGone = async (): Promise<boolean> =>
      (await routerStatus(deployment, deployment.stack.grpc)).requests === 0;
    await leave(client, () => until('every client has left', allGone), true);
  });
});
