import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createMonolith, type MonolithAnswer } from '@isotherm/engine';
import { loadTextModel, type Sampling, type TextModel } from '@isotherm/engine/text';
import type { GenerateRequestInput, RouterTokenLogprob } from '@isotherm/proto';
import { messagesOf } from '@isotherm/rpc';
import { shippedModelDir } from '@isotherm/stack';
import { type Completion, completionOf, postChat, question } from '../harness/chat.ts';
import { type Deployment, deploy, profileEngine } from '../harness/deployment.ts';
import { fixtureQuestions } from '../harness/fixture.ts';
import { generate } from '../harness/generate.ts';
import { living, stageStatus, untilIdle } from '../harness/idle.ts';
import { describeWithRedis } from '../harness/redis.ts';
import { postStream } from '../harness/stream.ts';
import { until } from '../harness/until.ts';

const asked = fixtureQuestions().find(({ family }) => family.startsWith('describe'));
if (asked === undefined) throw new Error('The fixture has no picture to describe.');

const maxTokens = 40;
const sampling: Sampling = {
  temperature: 2,
  topP: 0.95,
  topK: 30,
  minP: 0.001,
  repetitionPenalty: 1.8,
  presencePenalty: 0.4,
  frequencyPenalty: -0.3,
  logitBias: { 40: 3, 41: -100 },
  seed: 11,
  topLogprobs: 3,
};
const fields = {
  max_tokens: maxTokens,
  temperature: 2,
  top_p: 0.95,
  top_k: 30,
  min_p: 0.001,
  repetition_penalty: 1.8,
  presence_penalty: 0.4,
  frequency_penalty: -0.3,
  logit_bias: { 40: 3, 41: -100 },
  seed: 11,
};
const { topLogprobs: _, ...grpcFields } = sampling;
const grpcRequest: GenerateRequestInput = {
  messages: [{ role: 'user', parts: [{ image: asked.bytes }, { text: asked.question }] }],
  maxTokens,
  ...grpcFields,
  logitBias: { 40: 3, 41: -100 },
};

interface ApiLogprob {
  readonly token: string;
  readonly logprob: number;
  readonly bytes: readonly number[];
  readonly top_logprobs: readonly Omit<ApiLogprob, 'top_logprobs'>[];
}

interface WithLogprobs {
  readonly choices: readonly {
    readonly logprobs: { readonly content: readonly ApiLogprob[] } | null;
    readonly delta?: { readonly content?: string };
  }[];
}

const textOf = ({ choices: [{ message }] }: Completion): string => message.content;
const logprobsOf = (answer: unknown): readonly ApiLogprob[] | undefined =>
  (answer as WithLogprobs).choices[0]?.logprobs?.content;

await describeWithRedis('sampling through the services', { own: false }, (redis) => {
  let deployment: Deployment;
  let model: TextModel;
  let yardstick: MonolithAnswer;
  const ask = (more: object = {}): Promise<Completion> =>
    completionOf(
      deployment.stack.http,
      question([asked.bytes], asked.question, { ...fields, ...more }),
    );

  beforeAll(async () => {
    deployment = await deploy({ redisUrl: redis.url });
    model = await loadTextModel(shippedModelDir);
    const monolith = await createMonolith({ modelDir: shippedModelDir });
    const parts = [
      { kind: 'image', bytes: asked.bytes },
      { kind: 'text', text: asked.question },
    ] as const;
    yardstick = await monolith.answer([{ role: 'user', parts }], {
      tokensMax: maxTokens,
      sampling,
    });
    await monolith.close();
  });
  afterAll(async () => {
    await untilIdle(deployment);
    await deployment.close();
  });

  it('gives the text of one process with every parameter at once, on both doors', async () => {
    const answer = await generate(deployment, grpcRequest);
    expect(textOf(await ask())).toBe(yardstick.text);
    expect(answer.text).toBe(yardstick.text);
    expect(yardstick.text).not.toBe(textOf(await ask({ repetition_penalty: 1 })));
  });

  describe('log-probabilities', () => {
    const spoken = (): readonly number[] =>
      yardstick.tokens.filter((token) => !model.facts.endOfTextTokens.includes(token));
    const bytes = (): readonly (readonly number[])[] =>
      spoken().map((token) => [...model.tokenBytes(token)]);

    const matchYardstick = (content: readonly ApiLogprob[]): void => {
      expect(content.map((one) => one.bytes)).toEqual(bytes());
      content.forEach(({ logprob, top_logprobs: top }, index) => {
        const expected = yardstick.logprobs[index];
        expect(logprob).toBeCloseTo(expected?.logprob ?? Number.NaN, 3);
        expect(top).toHaveLength(3);
        top.forEach((one, rank) => {
          expect(one.logprob).toBeCloseTo(expected?.top[rank]?.logprob ?? Number.NaN, 3);
        });
      });
    };

    it('come for each token of a whole answer, and of a stream piece by piece', async () => {
      const whole = await ask({ logprobs: true, top_logprobs: 3 });
      matchYardstick(logprobsOf(whole) ?? []);
      const events = await postStream(
        deployment.stack.http,
        question([asked.bytes], asked.question, { ...fields, logprobs: true, top_logprobs: 3 }),
      );
      const chunks = events.slice(0, -1).map((data) => JSON.parse(data) as WithLogprobs);
      matchYardstick(chunks.flatMap((chunk) => logprobsOf(chunk) ?? []));
      for (const chunk of chunks) {
        const tokens = logprobsOf(chunk) ?? [];
        const text = Buffer.from(tokens.flatMap((token) => token.bytes)).toString();
        if (tokens.length > 0) expect(text).toBe(chunk.choices[0]?.delta?.content);
      }
    });

    it('come over gRPC', async () => {
      const call = deployment.peers
        .router(deployment.stack.grpc)
        .generate({ ...grpcRequest, topLogprobs: 3 });
      const logprobs: RouterTokenLogprob[] = [];
      for await (const message of messagesOf(call))
        logprobs.push(...(message.text?.logprobs ?? []));
      expect(logprobs.map(({ token }) => token)).toEqual(spoken());
      matchYardstick(
        logprobs.map(({ text, top, ...one }) => ({
          token: text,
          logprob: one.logprob,
          bytes: [...one.bytes],
          top_logprobs: top.map((each) => ({ ...each, token: each.text, bytes: [...each.bytes] })),
        })),
      );
    });

    it('are null where nobody asks, and may have no company', async () => {
      expect(logprobsOf(await ask())).toBeUndefined();
      const alone = logprobsOf(await ask({ logprobs: true }));
      expect(alone?.map((one) => one.top_logprobs)).toEqual(spoken().map(() => []));
    });
  });

  describe('a stop string', () => {
    /** A piece of the text in its middle, longer than a token and not at the border of one. */
    const stopIn = (text: string): string => {
      const middle = Math.floor(text.length / 2);
      return text.slice(middle, middle + 5);
    };

    it('ends the text before it, on both doors, whole and streamed', async () => {
      const stop = stopIn(yardstick.text);
      const expected = yardstick.text.slice(0, yardstick.text.indexOf(stop));
      const whole = await ask({ stop });
      expect(textOf(whole)).toBe(expected);
      expect(whole.choices[0].finish_reason).toBe('stop');
      const body = question([asked.bytes], asked.question, { ...fields, stop: ['never', stop] });
      const events = await postStream(deployment.stack.http, body);
      const texts = events.slice(0, -1).map((data) => JSON.parse(data) as WithLogprobs);
      const deltas = texts.map(({ choices }) => choices[0]?.delta?.content ?? '');
      expect(deltas.join('')).toBe(expected);
      const answer = await generate(deployment, { ...grpcRequest, stop: [stop] });
      expect(answer).toMatchObject({ text: expected, finished: { finishReason: 'stop' } });
    });

    it('counts the tokens up to the one that completes it', async () => {
      const stop = stopIn(yardstick.text);
      const { usage, isotherm } = await ask({ stop });
      const detokenizer = model.detokenizer();
      let text = '';
      const needed = yardstick.tokens.findIndex((token) => {
        text += detokenizer.push(token);
        return text.includes(stop);
      });
      expect(usage.completion_tokens).toBe(needed + 1);
      const tokens = isotherm.stages.filter(({ stage }) => stage === 'decode');
      expect(tokens.map((stage) => stage.tokens)).toEqual([needed]);
    });

    it('leaves the log-probabilities of the text that came', async () => {
      const stop = stopIn(yardstick.text);
      const whole = await ask({ stop, logprobs: true });
      const tokens = logprobsOf(whole) ?? [];
      const spelled = (some: typeof tokens): string =>
        Buffer.from(some.flatMap((one) => one.bytes)).toString();
      expect(spelled(tokens).startsWith(textOf(whole))).toBe(true);
      // The last one may reach into the stop string, or hold all of it; the one before does not.
      expect(textOf(whole).startsWith(spelled(tokens.slice(0, -1)))).toBe(true);
    });

    it('that does not come changes nothing', async () => {
      const whole = await ask({ stop: ['@@@@', yardstick.text.slice(-3).concat('@')] });
      expect(textOf(whole)).toBe(yardstick.text);
    });
  });
});

await describeWithRedis('of a model that makes up its tokens', { own: false }, (redis) => {
  const stepMs = 100;
  let deployment: Deployment;
  beforeAll(async () => {
    const settings = { ...profileEngine({ decodeStepMs: stepMs, slots: 1 }), ISOTHERM_SLOTS: '1' };
    deployment = await deploy({ redisUrl: redis.url, settings });
  });
  afterAll(() => deployment.close());

  it('a stop string frees the decode slot within a step, in the middle of a long answer', async () => {
    const messages = [{ role: 'user', parts: [{ text: 'go on' }] }];
    const answer = await generate(deployment, { messages, maxTokens: 2000, stop: [' '] });
    if (answer.kind === 'failed') throw answer.fault;
    const [instance] = living(deployment, 'decode');
    const answeredMs = performance.now();
    await until('a free slot', async () => {
      const status = await stageStatus(deployment, instance?.ready.address ?? '');
      return status.load?.running === 0;
    });
    // A step that had begun may end; what is left is room for a busy machine, not for 2,000 steps.
    expect(performance.now() - answeredMs).toBeLessThan(10 * stepMs);
    expect(answer.text).not.toContain(' ');
    expect(answer.finished.finishReason).toBe('stop');
    expect(answer.finished.usage?.completionTokens).toBe(answer.text.length + 1);
    await untilIdle(deployment);
  });

  it('JSON is refused by name', async () => {
    const fields = { response_format: { type: 'json_object' } };
    const outcome = await postChat(deployment.stack.http, question([], 'hello', fields));
    expect(outcome).toMatchObject({
      kind: 'refused',
      error: { code: 'unsupported', param: 'response_format' },
    });
  });
});
