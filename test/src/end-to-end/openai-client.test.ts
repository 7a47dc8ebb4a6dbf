import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import OpenAI, {
  APIError,
  APIUserAbortError,
  BadRequestError,
  InternalServerError,
  NotFoundError,
  RateLimitError,
} from 'openai';
import { completionOf, question } from '../harness/chat.ts';
import { type Deployment, deploy, profileEngine } from '../harness/deployment.ts';
import { fixtureQuestions } from '../harness/fixture.ts';
import { untilIdle } from '../harness/idle.ts';
import { describeWithRedis } from '../harness/redis.ts';

/** The SDK as anybody would make it; a refusal is to be seen, not tried again. */
const clientOf = ({ stack }: Deployment): OpenAI =>
  new OpenAI({ baseURL: `${stack.http}/v1`, apiKey: 'none', maxRetries: 0 });

const failureOf = async (call: Promise<unknown>): Promise<unknown> => {
  try {
    return await call.then(() => {
      throw new Error('It was answered, and should have failed.');
    });
  } catch (error) {
    return error;
  }
};

/** What OpenAI's type of usage does not know, this system adds in the same place. */
type Details = OpenAI.CompletionUsage['prompt_tokens_details'] & { readonly image_tokens: number };

const [asked] = fixtureQuestions();
if (asked === undefined) throw new Error('The fixture is empty.');
const picture = `data:image/webp;base64,${Buffer.from(asked.bytes).toString('base64')}`;
const aboutPicture: OpenAI.ChatCompletionMessageParam[] = [
  {
    role: 'user',
    content: [
      { type: 'image_url', image_url: { url: picture } },
      { type: 'text', text: asked.question },
    ],
  },
];

await describeWithRedis('the official openai SDK', { own: false }, (redis) => {
  describe('with a real model', () => {
    let deployment: Deployment;
    let client: OpenAI;
    beforeAll(async () => {
      const settings = { ISOTHERM_MODEL_ALIASES: '{"gpt-4o": "panel"}' };
      deployment = await deploy({ redisUrl: redis.url, settings });
      client = clientOf(deployment);
    });
    afterAll(async () => {
      await untilIdle(deployment);
      await deployment.close();
    });

    it('gets the answer about a picture, with tokens of each kind and a request id', async () => {
      const whole = await completionOf(
        deployment.stack.http,
        question([asked.bytes], asked.question),
      );
      const answer = await client.chat.completions.create({
        ...{ model: 'panel', messages: aboutPicture, n: 1, seed: 1, temperature: 0, top_p: 1 },
        ...{ max_completion_tokens: 64, stop: ['\n\n'], user: 'someone' },
      });
      expect(answer.choices).toHaveLength(1);
      expect(answer.choices[0]?.message.content).toBe(whole.choices[0].message.content);
      expect(answer.choices[0]?.finish_reason).toBe('stop');
      expect(answer._request_id).toMatch(/^[0-9a-f-]{36}$/);
      expect(answer.id).toBe(`chatcmpl-${answer._request_id}`);
      const details = answer.usage?.prompt_tokens_details as Details;
      expect(details.image_tokens).toBe(whole.usage.prompt_tokens_details.image_tokens);
      expect(details.image_tokens).toBeGreaterThan(0);
      expect(details.audio_tokens).toBe(0);
      expect(answer.usage?.total_tokens).toBe(
        (answer.usage?.prompt_tokens ?? 0) + (answer.usage?.completion_tokens ?? 0),
      );
    });

    it('streams the same text, with usage last, also through its own accumulator', async () => {
      const body = { model: 'gpt-4o', messages: aboutPicture, max_tokens: 64 };
      const whole = await client.chat.completions.create(body);
      const stream = await client.chat.completions.create({
        ...{ ...body, stream: true, stream_options: { include_usage: true } },
      });
      let text = '';
      let usage: OpenAI.CompletionUsage | null | undefined;
      for await (const chunk of stream) {
        text += chunk.choices[0]?.delta.content ?? '';
        usage = chunk.usage;
      }
      expect(text).toBe(whole.choices[0]?.message.content);
      expect(usage?.completion_tokens).toBe(whole.usage?.completion_tokens);
      const accumulated = await client.chat.completions.stream(body).finalChatCompletion();
      expect(accumulated.choices[0]?.message.content).toBe(text);
      // The alias is for asking: the answer says who answered.
      expect([whole.model, accumulated.model]).toEqual(['panel', 'panel']);
    });

    it('gets log-probabilities and JSON where it asks for them', async () => {
      const answer = await client.chat.completions.create({
        ...{ model: 'panel', messages: aboutPicture, logprobs: true, top_logprobs: 2 },
        response_format: { type: 'json_object' },
      });
      const [choice] = answer.choices;
      const content = choice?.logprobs?.content ?? [];
      expect(content.map(({ token }) => token).join('')).toContain(choice?.message.content);
      expect(content.every(({ top_logprobs: top }) => top.length === 2)).toBe(true);
      if (choice?.finish_reason === 'stop') JSON.parse(choice.message.content ?? '');
    });

    it('lists the models and finds each by name and by alias', async () => {
      const names: string[] = [];
      for await (const { id } of client.models.list()) names.push(id);
      expect(names).toEqual(['panel']);
      expect(await client.models.retrieve('panel')).toMatchObject({ id: 'panel', object: 'model' });
      expect(await client.models.retrieve('gpt-4o')).toMatchObject({
        id: 'panel',
        isotherm: { aliases: ['gpt-4o'], takes: ['text', 'image', 'audio', 'video'], ready: true },
      });
      const error = await failureOf(client.models.retrieve('no/such model'));
      expect(error).toBeInstanceOf(NotFoundError);
      expect(error).toMatchObject({ code: 'unknown_model', param: 'model' });
    });

    it('throws its own classes, with the field and the request id', async () => {
      const create = (fields: object): Promise<unknown> =>
        failureOf(
          client.chat.completions.create({ model: 'panel', messages: aboutPicture, ...fields }),
        );
      const unknown = await create({ model: 'gpt-5' });
      expect(unknown).toBeInstanceOf(NotFoundError);
      expect(unknown).toMatchObject({
        ...{ status: 404, code: 'unknown_model', param: 'model', type: 'invalid_request_error' },
        message: expect.stringContaining('there is "panel"'),
        requestID: expect.stringMatching(/^[0-9a-f-]{36}$/),
      });
      const wrong = await create({ temperature: 3 });
      expect(wrong).toBeInstanceOf(BadRequestError);
      expect(wrong).toMatchObject({ code: 'invalid_argument', param: 'temperature' });
      const tools = await create({ tools: [] });
      expect(tools).toBeInstanceOf(BadRequestError);
      expect(tools).toMatchObject({ param: 'tools' });
      expect(
        await failureOf(client.embeddings.create({ model: 'panel', input: 'x' })),
      ).toBeInstanceOf(NotFoundError);
    });
  });

  describe('with answers that take their time', () => {
    let deployment: Deployment;
    let client: OpenAI;
    beforeAll(async () => {
      deployment = await deploy({
        redisUrl: redis.url,
        settings: {
          ...profileEngine({ decodeStepMs: 20 }),
          ISOTHERM_REQUESTS_MAX: '1',
          ISOTHERM_TENANTS: tenants,
        },
      });
      client = clientOf(deployment);
    });
    afterAll(() => deployment.close());
    const messages: OpenAI.ChatCompletionMessageParam[] = [{ role: 'user', content: 'go on' }];
    /** One token now, and then one in a quarter of an hour. */
    const tenants = '{"meagre": {"tokensPerS": 0.001, "burstTokens": 1}}';
    const body = { model: 'profile', messages, max_tokens: 400 };

    it('is refused with 503 while there is no room, then stops a stream in the middle', async () => {
      const stream = await client.chat.completions.create({ ...body, stream: true });
      const first = await stream[Symbol.asyncIterator]().next();
      expect(first.done).toBe(false);
      const refused = await failureOf(client.chat.completions.create(body));
      expect(refused).toBeInstanceOf(InternalServerError);
      if (!(refused instanceof APIError)) throw new Error('No APIError.');
      expect(refused).toMatchObject({ status: 503, code: 'saturated', type: 'server_error' });
      expect(refused.requestID).toMatch(/^[0-9a-f-]{36}$/);
      expect((refused.headers as Headers).get('retry-after')).toMatch(/^\d+$/);
      stream.controller.abort();
      // Its slot is free again and nothing of it is left.
      await untilIdle(deployment);
      const again = await client.chat.completions.create({ ...body, max_tokens: 2 });
      expect(again.choices[0]?.finish_reason).toBe('length');
    });

    it('is refused with 429 where its tenant has used up its share', async () => {
      const headers = { 'x-isotherm-tenant': 'meagre' };
      const create = () => client.chat.completions.create({ ...body, max_tokens: 2 }, { headers });
      // What is larger than the share is let in where nothing of it was used, and uses up more.
      await create();
      const refused = await failureOf(create());
      if (!(refused instanceof RateLimitError)) throw new Error('No RateLimitError.');
      expect(refused).toMatchObject({ status: 429, code: 'rate_limited' });
      expect(refused.headers.get('retry-after')).toMatch(/^\d+$/);
      expect(refused.requestID).toMatch(/^[0-9a-f-]{36}$/);
      // Others have theirs.
      const other = { headers: { 'x-isotherm-tenant': 'other' } };
      const answer = await client.chat.completions.create({ ...body, max_tokens: 2 }, other);
      expect(answer.choices[0]?.finish_reason).toBe('length');
    });

    it('aborts a call that has not been answered', async () => {
      const leave = new AbortController();
      const call = client.chat.completions.create(body, { signal: leave.signal });
      leave.abort();
      expect(await failureOf(call)).toBeInstanceOf(APIUserAbortError);
      await untilIdle(deployment);
    });
  });
});
