import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createMonolith, type MonolithMessage } from '@isotherm/engine';
import { shippedModelDir } from '@isotherm/stack';
import {
  type Completion,
  completionOf,
  imagePart,
  postChat,
  question,
  textPart,
} from '../harness/chat.ts';
import { type Deployment, deploy } from '../harness/deployment.ts';
import { fixtureQuestions, type FixtureQuestion } from '../harness/fixture.ts';
import { generate } from '../harness/generate.ts';
import { untilIdle } from '../harness/idle.ts';
import { describeWithRedis } from '../harness/redis.ts';
import { postStream } from '../harness/stream.ts';

const fixture = fixtureQuestions();
const [first, second, third] = fixture;
const wordy = fixture.find(({ family }) => family.startsWith('describe'));
if (first === undefined || second === undefined || third === undefined || wordy === undefined) {
  throw new Error('The fixture has fewer pictures than these tests need.');
}

const tokensMax = 48;
const textOf = ({ choices: [{ message }] }: Completion): string => message.content;

/** What the same model says in one process. */
const inOneProcess = async (
  conversations: readonly (readonly MonolithMessage[])[],
): Promise<readonly string[]> => {
  const monolith = await createMonolith({ modelDir: shippedModelDir });
  const sampling = { temperature: 0, topP: 1, seed: 0 };
  try {
    const texts: string[] = [];
    for (const messages of conversations) {
      texts.push((await monolith.answer(messages, { tokensMax, sampling })).text);
    }
    return texts;
  } finally {
    await monolith.close();
  }
};

const askedOf = ({ bytes, question: text }: FixtureQuestion): MonolithMessage => ({
  role: 'user',
  parts: [
    { kind: 'image', bytes },
    { kind: 'text', text },
  ],
});

await describeWithRedis('a question about a picture', { own: false }, (redis) => {
  let deployment: Deployment;
  beforeAll(async () => {
    deployment = await deploy({ redisUrl: redis.url });
  });
  afterAll(async () => {
    await untilIdle(deployment);
    await deployment.close();
  });
  const body = (fields: Readonly<Record<string, unknown>> = {}): object =>
    question([first.bytes], first.question, { max_tokens: tokensMax, ...fields });

  describe('over HTTP', () => {
    it('is answered with its usage, the time of each stage and a request id', async () => {
      const outcome = await postChat(deployment.stack.http, body());
      if (outcome.kind !== 'completed') throw new Error(outcome.error.message);
      const { completion, requestId } = outcome;
      const { usage, isotherm } = completion;
      expect(completion).toMatchObject({ object: 'chat.completion', id: `chatcmpl-${requestId}` });
      expect(requestId).toMatch(/^[0-9a-f-]{36}$/);
      expect(textOf(completion)).not.toBe('');
      expect(completion.choices[0].finish_reason).toMatch(/^(stop|length)$/);
      expect(usage.prompt_tokens_details.image_tokens).toBe(36);
      expect(usage.prompt_tokens).toBeGreaterThan(36);
      expect(usage.completion_tokens).toBeGreaterThan(0);
      expect(usage.total_tokens).toBe(usage.prompt_tokens + usage.completion_tokens);
      expect(isotherm.stages.slice(0, 2).map(({ stage }) => stage)).toEqual(['encode', 'prefill']);
      for (const { engine_ms: engineMs, total_ms: totalMs } of isotherm.stages) {
        expect(engineMs).toBeGreaterThan(0);
        expect(totalMs).toBeGreaterThanOrEqual(engineMs);
      }
    });

    it('streams the same text in pieces, then the reason, the usage and the end', async () => {
      const whole = await completionOf(deployment.stack.http, body());
      const streamed = body({ stream_options: { include_usage: true } });
      const events = await postStream(deployment.stack.http, streamed);
      expect(events.at(-1)).toBe('[DONE]');
      const chunks = events.slice(0, -1).map((data) => JSON.parse(data) as Chunk);
      const deltas = chunks.flatMap(({ choices }) => choices);
      expect(deltas.map(({ delta }) => delta.content ?? '').join('')).toBe(textOf(whole));
      expect(deltas[0]?.delta.role).toBe('assistant');
      const reasons = deltas.map((one) => one.finish_reason).filter((reason) => reason !== null);
      expect(reasons).toEqual([whole.choices[0].finish_reason]);
      expect(chunks.at(-1)).toMatchObject({ choices: [], usage: whole.usage });
    });

    it('says which models there are and that it is ready', async () => {
      const get = async (path: string): Promise<unknown> =>
        (await fetch(`${deployment.stack.http}${path}`)).json();
      const { model } = await completionOf(deployment.stack.http, body());
      expect(await get('/v1/models')).toMatchObject({ object: 'list', data: [{ id: model }] });
      expect(await get('/readyz')).toMatchObject({
        status: 'ready',
        instances: { encode: 1, prefill: 1, decode: 1 },
      });
      expect(await get('/healthz')).toEqual({ status: 'alive' });
    });
  });

  it('over gRPC gives the same text, the same usage and the request id', async () => {
    const parts = [{ image: first.bytes }, { text: first.question }];
    const request = { messages: [{ role: 'user', parts }], maxTokens: tokensMax };
    const answer = await generate(deployment, request);
    if (answer.kind === 'failed') throw answer.fault;
    const whole = await completionOf(deployment.stack.http, body());
    const { finished } = answer;
    expect(answer.text).toBe(textOf(whole));
    expect(finished.requestId).toBe(answer.requestId);
    expect(finished.usage).toMatchObject({
      promptTokens: whole.usage.prompt_tokens,
      completionTokens: whole.usage.completion_tokens,
      imageTokens: 36,
    });
    expect(finished.stages.map(({ stage }) => stage)).toEqual(
      whole.isotherm.stages.map(({ stage }) => stage),
    );
  });

  describe('sampled', () => {
    /**
     * Hot, and about a picture that takes many words: else a sure model says the same with every
     * seed.
     */
    const sampled = async (seed: number): Promise<string> => {
      const fields = { temperature: 2, seed, max_tokens: tokensMax };
      const asked = question([wordy.bytes], wordy.question, fields);
      return textOf(await completionOf(deployment.stack.http, asked));
    };

    it('with a seed says the same each time, and other things with other seeds', async () => {
      const seeds = Array.from({ length: 8 }, (_, seed) => seed);
      const once = await Promise.all(seeds.map(sampled));
      const again = await Promise.all(seeds.map(sampled));
      expect(again).toEqual(once);
      expect(new Set(once).size).toBeGreaterThan(1);
    });
  });

  it('with several pictures, several turns or none gives what one process gives', async () => {
    const three = [first, second, third];
    const pictures = three.map(({ bytes }) => bytes);
    const turns = [
      { role: 'user', content: [imagePart(first.bytes), textPart(first.question)] },
      { role: 'assistant', content: first.answer },
      { role: 'user', content: second.question },
    ];
    const conversations: readonly (readonly MonolithMessage[])[] = [
      [
        {
          role: 'user',
          parts: [
            ...pictures.map((bytes) => ({ kind: 'image' as const, bytes })),
            { kind: 'text', text: third.question },
          ],
        },
      ],
      [
        {
          role: 'user',
          parts: [
            ...pictures.toReversed().map((bytes) => ({ kind: 'image' as const, bytes })),
            { kind: 'text', text: third.question },
          ],
        },
      ],
      [
        askedOf(first),
        { role: 'assistant', parts: [{ kind: 'text', text: first.answer }] },
        { role: 'user', parts: [{ kind: 'text', text: second.question }] },
      ],
      [{ role: 'user', parts: [{ kind: 'text', text: 'Describe the picture.' }] }],
    ];
    const bodies = [
      question(pictures, third.question, { max_tokens: tokensMax }),
      question(pictures.toReversed(), third.question, { max_tokens: tokensMax }),
      { messages: turns, max_tokens: tokensMax },
      question([], 'Describe the picture.', { max_tokens: tokensMax }),
    ];
    const completions = await Promise.all(
      bodies.map((each) => completionOf(deployment.stack.http, each)),
    );
    expect(completions.map(textOf)).toEqual(await inOneProcess(conversations));
    const encodes = completions.map(
      ({ isotherm }) => isotherm.stages.filter(({ stage }) => stage === 'encode').length,
    );
    expect(encodes).toEqual([3, 3, 1, 0]);
  });

  it('with pictures in another order is another question', async () => {
    const ask = async (pictures: readonly Uint8Array[]): Promise<string> => {
      const parts = [...pictures.map((image) => ({ image })), { text: wordy.question }];
      const messages = [{ role: 'user', parts }];
      const request = { messages, maxTokens: tokensMax, temperature: 2, seed: 1 };
      const answer = await generate(deployment, request);
      return answer.kind === 'answered' ? answer.text : answer.fault.message;
    };
    const inOrder = [wordy.bytes, first.bytes, second.bytes];
    expect(await ask(inOrder)).toBe(await ask(inOrder));
    expect(await ask(inOrder.toReversed())).not.toBe(await ask(inOrder));
  });
});

interface Chunk {
  readonly choices: readonly {
    readonly delta: { readonly role?: string; readonly content?: string };
    readonly finish_reason: string | null;
  }[];
}
