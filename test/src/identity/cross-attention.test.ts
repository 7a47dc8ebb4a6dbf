import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { createMonolith, type MonolithMessage } from '@isotherm/engine';
import { instanceWithWork } from '../faults/instance-with-work.ts';
import { type Completion, completionOf, imagePart, question, textPart } from '../harness/chat.ts';
import { type Deployment, deploy, quickToNotice } from '../harness/deployment.ts';
import { fixtureQuestions } from '../harness/fixture.ts';
import { routerStatus, untilIdle } from '../harness/idle.ts';
import { mapInFlight } from '../harness/in-flight.ts';
import { describeWithRedis } from '../harness/redis.ts';
import { repositoryRoot } from '../harness/repository.ts';
import { until } from '../harness/until.ts';
import { shareRight } from './accuracy.ts';

/** panel-x: pictures are read through cross-attention, and are one token each in the prompt. */
const modelDir = join(repositoryRoot, 'models', 'panel-x');
const tokensMax = 64;
const questions = fixtureQuestions().slice(0, 150);
const [first, second] = questions;
if (first === undefined || second === undefined) throw new Error('The fixture is empty.');
/** Least share of right answers: its card has more, by more than three standard errors of 150. */
const exactMatchMin = 0.95;

const conversations: readonly (readonly MonolithMessage[])[] = [
  ...questions.map(({ bytes, question: text }): readonly MonolithMessage[] => [
    {
      role: 'user',
      parts: [
        { kind: 'image', bytes },
        { kind: 'text', text },
      ],
    },
  ]),
  [
    {
      role: 'user',
      parts: [
        { kind: 'image', bytes: first.bytes },
        { kind: 'image', bytes: second.bytes },
        { kind: 'text', text: second.question },
      ],
    },
  ],
  [
    {
      role: 'user',
      parts: [
        { kind: 'image', bytes: first.bytes },
        { kind: 'text', text: first.question },
      ],
    },
    { role: 'assistant', parts: [{ kind: 'text', text: first.answer }] },
    {
      role: 'user',
      parts: [
        { kind: 'image', bytes: second.bytes },
        { kind: 'text', text: second.question },
      ],
    },
  ],
  [{ role: 'user', parts: [{ kind: 'text', text: 'What can you read?' }] }],
];

const bodyOf = (messages: readonly MonolithMessage[]): object => ({
  max_tokens: tokensMax,
  messages: messages.map(({ role, parts }) => ({
    role,
    content: parts.map((part) => {
      if (part.kind === 'text') return textPart(part.text);
      if (part.kind === 'image') return imagePart(part.bytes);
      throw new Error('These conversations hold pictures only.');
    }),
  })),
});

const textOf = ({ choices: [{ message }] }: Completion): string => message.content;

await describeWithRedis('a model with cross-attention', { own: false }, (redis) => {
  let deployment: Deployment;
  let yardstick: readonly string[];
  const askAll = (inFlight: number): Promise<readonly Completion[]> =>
    mapInFlight(conversations, inFlight, (messages) =>
      completionOf(deployment.stack.http, bodyOf(messages)),
    );
  beforeAll(async () => {
    const monolith = await createMonolith({ modelDir });
    const sampling = { temperature: 0, topP: 1, seed: 0 };
    yardstick = await mapInFlight(conversations, 1, async (messages) => {
      return (await monolith.answer(messages, { tokensMax, sampling })).text;
    });
    await monolith.close();
    deployment = await deploy({
      redisUrl: redis.url,
      shape: { decode: 2 },
      settings: { ...quickToNotice, ISOTHERM_MODEL_DIR: modelDir, ISOTHERM_SILENCE_MS: '10000' },
    });
  }, 60_000);
  afterAll(() => deployment.close());

  it('gives the texts of one process, with mixed batches and a decode instance killed', async () => {
    const answers = askAll(40);
    const victim = await instanceWithWork(deployment, 'decode');
    victim.kill('SIGKILL');
    const completions = await answers;
    expect(completions.map(textOf)).toEqual(yardstick);
    expect(Math.max(...completions.map(({ isotherm }) => isotherm.migrations))).toBe(1);
    const batches = completions.flatMap(({ isotherm }) => isotherm.stages.map((s) => s.batch));
    expect(Math.max(...batches)).toBeGreaterThan(4);
    await untilIdle(deployment);
  }, 60_000);

  it('answers held-out pictures as well as its card says', () => {
    expect(shareRight(questions, yardstick)).toBeGreaterThanOrEqual(exactMatchMin);
  });

  it('prefills text alone, whatever the encoder makes of a picture', async () => {
    const body = question([first.bytes], first.question, { max_tokens: tokensMax });
    const none = question([], first.question, { max_tokens: tokensMax });
    const [completion, textOnly] = await Promise.all([
      completionOf(deployment.stack.http, body),
      completionOf(deployment.stack.http, none),
    ]);
    const tokens = ({ isotherm }: Completion, stage: string): number | undefined =>
      isotherm.stages.find((each) => each.stage === stage)?.tokens;
    expect(tokens(completion, 'encode')).toBe(36);
    expect(tokens(completion, 'prefill')).toBe(textOnly.usage.prompt_tokens + 1);
    expect(completion.usage.prompt_tokens).toBe(textOnly.usage.prompt_tokens + 1);
  });

  it('books text alone on prefill and decode, and media tokens on the encoder', async () => {
    const body = question([first.bytes], first.question, { max_tokens: tokensMax });
    const { usage } = await completionOf(deployment.stack.http, body);
    const address = deployment.stack.grpc;
    const booked = async (stage: string): Promise<number> => {
      const { instances } = await routerStatus(deployment, address);
      const ofStage = instances.filter((instance) => instance.stage === stage);
      return ofStage.reduce((sum, { pendingTokens }) => sum + pendingTokens, 0);
    };
    const expected = {
      encode: 36,
      prefill: usage.prompt_tokens,
      decode: usage.prompt_tokens + tokensMax,
    };
    for (const [service, stage] of [
      ['encoder', 'encode'],
      ['prefill', 'prefill'],
      ['decode', 'decode'],
    ] as const) {
      const stopped = deployment.stack.instances(service).filter((each) => each.alive());
      for (const process of stopped) process.kill('SIGSTOP');
      const answer = completionOf(deployment.stack.http, body);
      try {
        await until(`work booked on ${stage}`, async () => (await booked(stage)) > 0);
        expect([stage, await booked(stage)]).toEqual([stage, expected[stage]]);
      } finally {
        for (const process of stopped) process.kill('SIGCONT');
      }
      await answer;
      await untilIdle(deployment);
    }
  });
});
