import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { completionOf, question } from '../harness/chat.ts';
import { type Deployment, deploy } from '../harness/deployment.ts';
import { fixtureQuestions } from '../harness/fixture.ts';
import { generate } from '../harness/generate.ts';
import { untilIdle } from '../harness/idle.ts';
import { mapInFlight } from '../harness/in-flight.ts';
import { describeWithRedis } from '../harness/redis.ts';
import { postStream } from '../harness/stream.ts';
import { until } from '../harness/until.ts';

interface ToldChoice {
  readonly message: object;
  readonly finish_reason: string;
  readonly logprobs: {
    readonly content: readonly {
      readonly token: string;
      readonly logprob: number;
      readonly top_logprobs: readonly { readonly logprob: number }[];
    }[];
  };
}

/** The one real OpenAI-compatible server with a real model that is always at hand is this one. */
await describeWithRedis('this system as the server behind itself', { own: false }, (redis) => {
  let inner: Deployment;
  let outer: Deployment;
  const questions = fixtureQuestions().slice(0, 24);

  beforeAll(async () => {
    inner = await deploy({ redisUrl: redis.url });
    outer = await deploy({
      redisUrl: redis.url,
      shape: { encoder: 0, prefill: 0, decode: 0, upstream: 1 },
      settings: {
        ISOTHERM_ENGINE: 'upstream',
        ISOTHERM_UPSTREAM_URL: `${inner.stack.http}/v1`,
        ISOTHERM_UPSTREAM_MODEL: 'panel',
      },
    });
  });
  afterAll(async () => {
    await outer.close();
    await inner.close();
  });

  it('gives the same texts, counts and log-probabilities with and without the other in front', async () => {
    const ask = async (deployment: Deployment) =>
      mapInFlight(questions, 6, async ({ bytes, question: text }) => {
        const sampling = { temperature: 0.8, seed: 11, top_k: 9, repetition_penalty: 1.1 };
        const told = { logprobs: true, top_logprobs: 2 };
        const body = question([bytes], text, { max_tokens: 48, ...sampling, ...told });
        const { choices, usage } = await completionOf(deployment.stack.http, body);
        const [{ message, finish_reason, logprobs }] = choices as unknown as [ToldChoice];
        const { prompt_tokens, completion_tokens } = usage;
        const tokens = logprobs.content.map(({ token }) => token);
        const numbers = logprobs.content.flatMap(({ logprob, top_logprobs }) => [
          logprob,
          ...top_logprobs.map((one) => one.logprob),
        ]);
        const said = { message, finish_reason, tokens, prompt_tokens, completion_tokens };
        return { said, numbers };
      });
    const [behind, alone] = [await ask(outer), await ask(inner)];
    expect(behind.map(({ said }) => said)).toEqual(alone.map(({ said }) => said));
    // Sums are rounded in another order in another batch.
    const apart = behind.flatMap(({ numbers }, index) =>
      numbers.map((number, place) => Math.abs(number - (alone[index]?.numbers[place] ?? Infinity))),
    );
    expect(apart.length).toBeGreaterThan(questions.length);
    expect(Math.max(...apart)).toBeLessThan(1e-3);
  });

  it('streams the same pieces', async () => {
    const [first] = questions;
    const body = question([first?.bytes ?? new Uint8Array()], 'Describe the picture.');
    const textOf = async (deployment: Deployment): Promise<string> => {
      const events = await postStream(deployment.stack.http, body);
      expect(events.at(-1)).toBe('[DONE]');
      return events
        .slice(0, -1)
        .map((event) => JSON.parse(event) as { choices: { delta: { content?: string } }[] })
        .map(({ choices }) => choices[0]?.delta.content ?? '')
        .join('');
    };
    const text = await textOf(outer);
    expect(text.length).toBeGreaterThan(10);
    expect(text).toBe(await textOf(inner));
  });

  it('leaves nothing behind in either when the client leaves', async () => {
    const leaving = new AbortController();
    const long = 'Describe the picture.';
    const messages = questions
      .slice(0, 4)
      .map(({ bytes }) => ({ role: 'user', parts: [{ image: bytes }, { text: long }] }));
    let characters = 0;
    const answer = generate(
      outer,
      { messages, maxTokens: 300, temperature: 2, seed: 5 },
      { signal: leaving.signal, onText: (text) => (characters += text.length) },
    );
    await until('text comes', () => characters > 0);
    leaving.abort();
    await answer;
    await untilIdle(outer);
    await untilIdle(inner);
  });
});
