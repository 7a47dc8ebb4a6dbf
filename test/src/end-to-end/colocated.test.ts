import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { instancesOf } from '@isotherm/stack';
import { completionOf, question } from '../harness/chat.ts';
import { type Deployment, deploy } from '../harness/deployment.ts';
import { fixtureQuestions } from '../harness/fixture.ts';
import { living, routerStatus, stageStatus, untilIdle } from '../harness/idle.ts';
import { describeWithRedis } from '../harness/redis.ts';

const asked = fixtureQuestions().slice(0, 4);

/** The answers to all questions, each made by all three stages. */
const answersOf = async ({ stack }: Deployment): Promise<readonly string[]> => {
  const answers = asked.map(({ bytes, question: text }) =>
    completionOf(stack.http, question([bytes], text, { max_tokens: 32 })),
  );
  return (await Promise.all(answers)).map(({ choices, isotherm }) => {
    const stages = isotherm.stages.map(({ stage }) => stage);
    expect(stages).toEqual(['encode', 'prefill', 'decode']);
    return choices[0].message.content;
  });
};

/** Payloads that peers have pulled from each stage over gRPC. */
const pullsOf = async (deployment: Deployment): Promise<Readonly<Record<string, number>>> => {
  const { instances } = await routerStatus(deployment, deployment.stack.grpc);
  const statuses = instances.map(({ address }) => stageStatus(deployment, address));
  return Object.fromEntries(
    (await Promise.all(statuses)).map(({ stage, pullsServed }) => [stage, pullsServed]),
  );
};

await describeWithRedis('encoder and prefill in one process', { own: false }, (redis) => {
  let apart: Deployment;
  let colocated: Deployment;
  beforeAll(async () => {
    apart = await deploy({ redisUrl: redis.url });
  });
  beforeAll(async () => {
    colocated = await deploy({ redisUrl: redis.url, colocate: ['encoder', 'prefill'] });
  });
  afterAll(() => apart.close());
  afterAll(() => colocated.close());

  it('answer as in processes of their own, and hand on embeddings without gRPC', async () => {
    const texts = await answersOf(apart);
    expect((await pullsOf(apart))['encode']).toBeGreaterThanOrEqual(asked.length);
    expect(await answersOf(colocated)).toEqual(texts);
    const pulls = await pullsOf(colocated);
    expect(pulls['encode']).toBe(0);
    // The KV cache still goes over gRPC to the process beside.
    expect(pulls['prefill']).toBeGreaterThanOrEqual(asked.length);
    await untilIdle(colocated);
  });

  it('are instances of one process, each with an address of its own', () => {
    const [process] = living(colocated, 'colocated');
    if (process === undefined) throw new Error('There is no such process.');
    const instances = instancesOf(process);
    expect(instances.map(({ stage }) => stage)).toEqual(['encode', 'prefill']);
    expect(new Set(instances.map(({ address }) => address)).size).toBe(2);
    expect([...living(colocated, 'encoder'), ...living(colocated, 'prefill')]).toEqual([]);
  });
});
