import {
  breakAfter,
  type KvPair,
  refuseWith,
  startKvPair,
} from '@isotherm/engine/upstream/testing';
import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { completionOf, imagePart, postChat, question, textPart } from '../harness/chat.ts';
import { type Deployment, deploy } from '../harness/deployment.ts';
import { fixtureQuestions } from '../harness/fixture.ts';
import { untilIdle } from '../harness/idle.ts';
import { describeWithRedis } from '../harness/redis.ts';
import { floatWav } from '../harness/wav.ts';

/** Silence: a WAV file of 16-bit samples at 16 kHz. */
await describeWithRedis('a pair of servers that hand KV caches over', { own: false }, (redis) => {
  let deployment: Deployment;
  let pair: KvPair;
  const ask = () => completionOf(deployment.stack.http, question([], 'go on'));

  beforeAll(async () => {
    pair = await startKvPair(['Unit ', '7']);
    const of = (role: string, url: string) => ({
      ISOTHERM_UPSTREAM_ROLE: role,
      ISOTHERM_UPSTREAM_URL: url,
    });
    deployment = await deploy({
      redisUrl: redis.url,
      shape: { encoder: 0, prefill: 0, decode: 0, upstream: 2 },
      settings: { ISOTHERM_ENGINE: 'upstream' },
      settingsOfEach: {
        upstream: [of('prefill', pair.prefill.url), of('decode', pair.decode.url)],
      },
    });
  });
  afterEach(() => untilIdle(deployment));
  afterAll(async () => {
    await deployment.close();
    await pair.close();
  });

  it('answers, each its part', async () => {
    const { choices, isotherm, usage } = await ask();
    expect(choices[0].message.content).toBe('Unit 7');
    expect(usage.prompt_tokens).toBe(7);
    expect(isotherm.stages.map(({ stage }) => stage)).toEqual(['prefill', 'decode']);
    expect(pair.keptBlocks).toBe(0);
  });

  it('answers forty at once, each from its own blocks', async () => {
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, index) =>
        completionOf(deployment.stack.http, question([], `question ${index}`)),
      ),
    );
    for (const { choices } of answers) expect(choices[0].message.content).toBe('Unit 7');
    expect(pair.keptBlocks).toBe(0);
  });

  it('gives sounds and pictures to both, as they came', async () => {
    const sound = floatWav(new Float32Array(8_000));
    const data = Buffer.from(sound).toString('base64');
    const [{ bytes: picture } = { bytes: sound }] = fixtureQuestions();
    const heard = { type: 'input_audio', input_audio: { data, format: 'wav' } };
    const content = [imagePart(picture), heard, textPart('what?')];
    const messages = [{ role: 'user', content }];
    const { choices } = await completionOf(deployment.stack.http, { messages });
    expect(choices[0].message.content).toBe('Unit 7');
    for (const server of [pair.prefill, pair.decode]) {
      expect(server.requests.at(-1)?.body['messages']).toEqual(messages);
    }
  });

  it('runs the prompt again when its blocks were gone before they were read', async () => {
    const before = pair.prefill.requests.length;
    pair.decode.next(refuseWith(500, { error: { message: 'KV load failed', code: 500 } }));
    const { choices, isotherm } = await ask();
    expect(choices[0].message.content).toBe('Unit 7');
    expect(isotherm.stages.map(({ stage }) => stage)).toEqual(['prefill', 'prefill', 'decode']);
    expect(pair.prefill.requests.length).toBe(before + 2);
    pair.expireBlocks();
  });

  it('does not begin again once the client has text', async () => {
    pair.decode.next(breakAfter(['half']));
    const outcome = await postChat(deployment.stack.http, question([], 'go on'));
    expect(outcome).toMatchObject({ kind: 'refused', error: { code: 'unavailable' } });
    pair.expireBlocks();
  });

  it('has no need of the second when the first token ends the answer', async () => {
    const before = pair.decode.requests.length;
    const usage = { prompt_tokens: 9, completion_tokens: 1 };
    const choices = [{ message: { content: 'No.' }, finish_reason: 'stop' }];
    pair.prefill.next(refuseWith(200, { choices, usage, kv_transfer_params: null }));
    const completion = await ask();
    expect(completion.choices[0].message.content).toBe('No.');
    expect(completion.usage.prompt_tokens).toBe(9);
    expect(pair.decode.requests.length).toBe(before);
  });

  it('is told apart from servers without a KV connector', async () => {
    const choices = [{ message: { content: 'U' }, finish_reason: 'length' }];
    pair.prefill.next(refuseWith(200, { choices }));
    expect(await postChat(deployment.stack.http, question([], 'go on'))).toMatchObject({
      kind: 'refused',
      error: { code: 'unsupported', message: expect.stringContaining('KV connector') },
    });
  });
});
