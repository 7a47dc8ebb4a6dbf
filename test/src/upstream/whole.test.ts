import {
  beginStream,
  breakAfter,
  chunkOf,
  rawStream,
  refuseWith,
  type StandIn,
  type StandInAnswer,
  startStandIn,
  streamOf,
} from '@isotherm/engine/upstream/testing';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { completionOf, postChat, question, textPart } from '../harness/chat.ts';
import { type Deployment, deploy } from '../harness/deployment.ts';
import { fixtureQuestions } from '../harness/fixture.ts';
import { generate } from '../harness/generate.ts';
import { untilIdle } from '../harness/idle.ts';
import { describeWithRedis } from '../harness/redis.ts';
import { postStream } from '../harness/stream.ts';
import { until, within } from '../harness/until.ts';

await describeWithRedis('a model behind two servers', { own: false }, (redis) => {
  let deployment: Deployment;
  let servers: readonly StandIn[];
  const both = (answer: StandInAnswer): void => servers.forEach((each) => each.always(answer));
  const asked = (): number => servers.reduce((sum, { requests }) => sum + requests.length, 0);
  const ask = (fields: Readonly<Record<string, unknown>> = {}) =>
    postChat(deployment.stack.http, question([], 'go on', fields));
  const refusal = async (fields: Readonly<Record<string, unknown>> = {}) => {
    const outcome = await ask(fields);
    return outcome.kind === 'refused' ? { ...outcome.error, status: outcome.status } : outcome;
  };

  beforeAll(async () => {
    servers = await Promise.all([startStandIn(), startStandIn()]);
    deployment = await deploy({
      redisUrl: redis.url,
      shape: { encoder: 0, prefill: 0, decode: 0, upstream: 2 },
      settings: {
        ISOTHERM_ENGINE: 'upstream',
        ISOTHERM_UPSTREAM_SERVER: 'ollama',
        ISOTHERM_UPSTREAM_PROBE_MS: '50',
        ISOTHERM_UPSTREAM_RETRIES_MAX: '0',
        ISOTHERM_ATTEMPTS_MAX: '3',
        ISOTHERM_INSTANCE_WAIT_MS: '500',
      },
      settingsOfEach: { upstream: servers.map(({ url }) => ({ ISOTHERM_UPSTREAM_URL: url })) },
    });
  });
  beforeEach(() => both(streamOf(['Unit ', '7'])));
  afterEach(() => untilIdle(deployment));
  afterAll(async () => {
    await deployment.close();
    await Promise.all(servers.map((each) => each.close()));
  });

  it('is found, listed and answered in the counts of its server', async () => {
    const list = (await (await fetch(`${deployment.stack.http}/v1/models`)).json()) as object;
    expect(list).toMatchObject({ data: [{ id: 'tiny' }] });
    const { choices, usage, isotherm, model } = await completionOf(
      deployment.stack.http,
      question([], 'go on', { model: 'tiny' }),
    );
    expect({ model, text: choices[0].message.content }).toEqual({ model: 'tiny', text: 'Unit 7' });
    expect(choices[0].finish_reason).toBe('stop');
    expect(usage).toMatchObject({ prompt_tokens: 7, completion_tokens: 2 });
    expect(isotherm).toMatchObject({ token_counts: 'reported', stages: [{ stage: 'whole' }] });
  });

  it('says when counts are guessed, because the server gave none', async () => {
    both(rawStream(`${chunkOf({ content: '12345678' })}${chunkOf({}, 'length')}`));
    const { choices, usage, isotherm } = await completionOf(
      deployment.stack.http,
      question([], 'go on'),
    );
    expect(choices[0].finish_reason).toBe('length');
    expect(isotherm.token_counts).toBe('estimated');
    expect(usage.completion_tokens).toBe(2);
  });

  it('gets pictures and parameters as they came, over both doors', async () => {
    const [picture] = fixtureQuestions();
    if (picture === undefined) throw new Error('The fixture is empty.');
    const { bytes } = picture;
    const url = `data:image/webp;base64,${Buffer.from(bytes).toString('base64')}`;
    const fields = { max_tokens: 9, temperature: 0.5, top_p: 0.9, seed: 3 };
    await completionOf(deployment.stack.http, question([bytes], 'what?', fields));
    const messages = [{ role: 'user', parts: [{ image: bytes }, { text: 'what?' }] }];
    const request = { messages, maxTokens: 9, temperature: 0.5, topP: 0.9, seed: 3 };
    expect(await generate(deployment, request)).toMatchObject({ text: 'Unit 7' });
    const bodies = servers.flatMap(({ requests }) => requests.slice(-2)).map(({ body }) => body);
    const same = bodies.filter((body) => body['max_tokens'] === 9);
    expect(same).toHaveLength(2);
    for (const body of same) {
      expect(body).toMatchObject({
        ...fields,
        messages: [
          { role: 'user', content: [{ type: 'image_url', image_url: { url } }, textPart('what?')] },
        ],
      });
    }
  });

  it('is answered by the other server when one fails before its first text', async () => {
    const [bad, good] = servers as readonly [StandIn, StandIn];
    const ways: readonly StandInAnswer[] = [
      breakAfter([]),
      refuseWith(429, {}),
      refuseWith(500, { error: { message: 'out of memory' } }),
      rawStream('data: {"object": "error", "message": "no", "code": 500}\n\n'),
      rawStream('data: not json\n\n'),
    ];
    for (const way of ways) {
      bad.always(way);
      const before = [bad.requests.length, good.requests.length];
      for (let turn = 0; bad.requests.length === before[0] && turn < 50; turn++) {
        expect(await ask()).toMatchObject({ kind: 'completed' });
      }
      expect(bad.requests.length).toBe((before[0] ?? 0) + 1);
    }
  });

  it('ends with an explicit error when a server dies after its first text', async () => {
    both(breakAfter(['half ', 'of it']));
    const before = asked();
    const events = await postStream(deployment.stack.http, question([], 'go on'));
    const texts = events.map((event) => JSON.parse(event) as Record<string, never>);
    expect(texts.map((event) => event['choices']?.[0]?.['delta']?.['content'] ?? '').join('')).toBe(
      'half of it',
    );
    expect(texts.at(-1)).toMatchObject({
      error: {
        code: 'unavailable',
        message: expect.stringContaining('broke off after 10 characters'),
      },
    });
    expect(asked()).toBe(before + 1);
  });

  it('is tried a bounded number of times', async () => {
    both(breakAfter([]));
    const before = asked();
    expect(await refusal()).toMatchObject({ status: 503, code: 'unavailable' });
    expect(asked()).toBe(before + 3);
  });

  it('has its refusals told in the words of its server, once', async () => {
    both(refuseWith(400, { error: { message: 'the context length is 4096', param: 'messages' } }));
    const before = asked();
    expect(await refusal()).toMatchObject({
      ...{ status: 400, code: 'context_length_exceeded', param: 'messages' },
      message: 'the context length is 4096',
    });
    expect(asked()).toBe(before + 1);
  });

  it('passes the form of an answer on, as the server is to understand it', async () => {
    // Keywords that the engines here refuse.
    const schema = { type: 'string', pattern: '^a+$' };
    const asSchema = (own: object) => ({
      response_format: { type: 'json_schema', json_schema: { name: 'mine', schema: own } },
    });
    const formats = [
      [{ response_format: { type: 'json_object' } }, { type: 'json_object' }],
      [
        asSchema(schema),
        { type: 'json_schema', json_schema: { name: 'answer', schema, strict: true } },
      ],
      [{ response_format: { type: 'text' } }, undefined],
    ] as const;
    for (const [fields, expected] of formats) {
      const before = servers.map(({ requests }) => requests.length);
      expect(await ask(fields)).toMatchObject({ kind: 'completed' });
      const sent = servers.flatMap(({ requests }, index) => requests.slice(before[index]));
      expect(sent.map(({ body }) => body['response_format'])).toEqual([expected]);
    }
    const before = asked();
    const long = { ...schema, description: 'x'.repeat(40_000) };
    expect(await refusal(asSchema(long))).toMatchObject({
      ...{ status: 400, code: 'invalid_argument', param: 'response_format.json_schema.schema' },
    });
    expect(asked()).toBe(before);
  });

  it('passes on what its server takes, and refuses the rest by name', async () => {
    const fields = { stop: ['x'], presence_penalty: 0.5, frequency_penalty: -0.5 };
    expect(await ask(fields)).toMatchObject({ kind: 'completed' });
    const before = asked();
    const bodies = servers.map(({ requests }) => requests.at(-1)?.body);
    expect(bodies).toContainEqual(expect.objectContaining(fields));
    for (const [param, value] of [
      ['top_k', 5],
      ['min_p', 0.1],
      ['repetition_penalty', 1.2],
      ['logit_bias', { 5: 1 }],
    ] as const) {
      expect(await refusal({ [param]: value })).toMatchObject({
        ...{ status: 400, code: 'unsupported', param },
        message: expect.stringContaining(param),
      });
    }
    expect(asked()).toBe(before);
  });

  it('knows no other model', async () => {
    expect(await refusal({ model: 'gpt' })).toMatchObject({ status: 404, code: 'unknown_model' });
  });

  it('has its server stop when the client leaves, before the first text and after', async () => {
    const beginnings: readonly StandInAnswer[] = [
      () => {},
      (_, response) => {
        beginStream(response);
        response.write(chunkOf({ content: 'half' }));
      },
    ];
    for (const begin of beginnings) {
      both(begin);
      const before = servers.map(({ requests }) => requests.length);
      const leaving = new AbortController();
      const answer = postStream(deployment.stack.http, question([], 'go on'), {
        signal: leaving.signal,
      }).catch(() => 'left');
      const arrived = () => servers.flatMap(({ requests }, index) => requests.slice(before[index]));
      await until('the server has it', () => arrived().length > 0);
      leaving.abort();
      await within('the server to see it', 5000, arrived()[0]?.abandoned ?? Promise.resolve());
      expect(await answer).toBe('left');
    }
  });

  it('ends at its deadline, and its server with it', async () => {
    both(() => {});
    const outcome = await postChat(deployment.stack.http, question([], 'go on'), {
      headers: { 'x-isotherm-timeout-ms': '300' },
    });
    expect(outcome).toMatchObject({ kind: 'refused', status: 504 });
    const last = servers.flatMap(({ requests }) => requests.slice(-1));
    await within('a server to see it', 5000, Promise.race(last.map(({ abandoned }) => abandoned)));
  });

  it('goes to the healthy server, and to none when both are away', async () => {
    const [sick, well] = servers as readonly [StandIn, StandIn];
    const ready = async (): Promise<number> => {
      const response = await fetch(`${deployment.stack.http}/readyz`);
      return ((await response.json()) as { instances: { whole: number } }).instances.whole;
    };
    sick.health = 503;
    await until('one is away', async () => (await ready()) === 1);
    const before = sick.requests.length;
    for (let turn = 0; turn < 5; turn++) expect(await ask()).toMatchObject({ kind: 'completed' });
    expect(sick.requests.length).toBe(before);
    well.health = 503;
    await until('both are away', async () => (await ready()) === 0);
    expect(await refusal()).toMatchObject({ status: 503, code: 'unavailable' });
    sick.health = well.health = 200;
    await until('both are back', async () => (await ready()) === 2);
    expect(await ask()).toMatchObject({ kind: 'completed' });
  });

  it('keeps up with 200 requests at once', async () => {
    both(streamOf(Array.from({ length: 20 }, (_, index) => `${index} `)));
    const text = Array.from({ length: 20 }, (_, index) => `${index} `).join('');
    const outcomes = await Promise.all(Array.from({ length: 200 }, () => ask()));
    const texts = outcomes.map((outcome) =>
      outcome.kind === 'completed' ? outcome.completion.choices[0].message.content : outcome,
    );
    expect(new Set(texts)).toEqual(new Set([text]));
  });
});
