import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { faultTable } from '@isotherm/kernel';
import { postChat, question } from '../harness/chat.ts';
import { type Deployment, deploy, profileEngine } from '../harness/deployment.ts';
import { generate } from '../harness/generate.ts';
import { heldAnywhere, untilIdle } from '../harness/idle.ts';
import { describeWithRedis } from '../harness/redis.ts';
import { until } from '../harness/until.ts';
import { goodPicture } from './pictures.ts';
import { expectHttpRefusal, expectRefusal } from './refusals.ts';
import { postStream } from '../harness/stream.ts';

/** An answer that would take 100 s in the only decode slot there is. */
const endless = 2000;
const stepMs = 50;

await describeWithRedis('a deadline', { own: false }, (redis) => {
  let deployment: Deployment;
  let picture: Buffer;
  const timeout = (ms: number) => ({ headers: { 'x-isotherm-timeout-ms': String(ms) } });
  const messages = () => [{ role: 'user', parts: [{ image: picture }, { text: 'go on' }] }];
  const late = { code: 'deadline_exceeded', param: null, message: /deadline/ } as const;

  beforeAll(async () => {
    picture = await goodPicture();
    deployment = await deploy({
      redisUrl: redis.url,
      settings: profileEngine({ decodeStepMs: stepMs, slots: 1 }),
    });
  });
  afterAll(() => deployment.close());
  afterEach(async () => {
    await untilIdle(deployment);
    // The slot is free: with one slot, an answer that still ran would keep this one waiting.
    const next = await generate(deployment, { messages: messages(), maxTokens: 3 });
    expect(next.kind).toBe('answered');
    expect(next.tookMs).toBeLessThan(5000);
  });

  it('that passes in the middle of an answer is a 504 over HTTP', async () => {
    const outcome = await postChat(
      deployment.stack.http,
      question([], 'go on', { max_tokens: endless }),
      timeout(500),
    );
    expectHttpRefusal(outcome, late);
  });

  it('that passes in the middle of a stream is its last message', async () => {
    const events = await postStream(
      deployment.stack.http,
      question([], 'go on', { max_tokens: endless }),
      timeout(500),
    );
    expect(events.length).toBeGreaterThan(2);
    expect(JSON.parse(events.at(-1) ?? '')).toMatchObject({
      error: { code: 'deadline_exceeded', type: 'server_error', param: null },
    });
    expect(events).not.toContain('[DONE]');
  });

  it('in the request ends a gRPC answer with DEADLINE_EXCEEDED and what it had', async () => {
    const request = { messages: messages(), maxTokens: endless, timeoutMs: 500 };
    const answer = await generate(deployment, request);
    expectRefusal(answer, late);
    if (answer.kind === 'failed') expect(answer.text.length).toBeGreaterThan(0);
  });

  it('further off than any timer can hold is cut, and no process dies of it', async () => {
    const pids = () =>
      deployment.stack.instances('prefill').map(({ alive, pid }) => [pid, alive()]);
    const before = pids();
    const short = question([], 'go on', { max_tokens: 3 });
    const http = await postChat(deployment.stack.http, short, timeout(1e15));
    expect(http.kind).toBe('completed');
    const timeoutMs = 2 ** 32 - 1;
    const grpc = await generate(deployment, { messages: messages(), maxTokens: 3, timeoutMs });
    expect(grpc.kind).toBe('answered');
    expect(pids()).toEqual(before);
  });

  it('of the gRPC call ends the answer as well', async () => {
    const request = { messages: messages(), maxTokens: endless };
    const answer = await generate(deployment, request, { deadlineMs: Date.now() + 500 });
    if (answer.kind !== 'failed') throw new Error('It was answered.');
    expect(answer.fault.code).toBe('deadline_exceeded');
    expect(answer.tookMs).toBeLessThan(4000);
  });

  it('of the gRPC call in the past is refused', async () => {
    const request = { messages: messages(), maxTokens: endless };
    const answer = await generate(deployment, request, { deadlineMs: Date.now() - 1000 });
    if (answer.kind !== 'failed') throw new Error('It was answered.');
    expect(answer.fault.cause).toMatchObject({ code: faultTable.deadline_exceeded.grpcStatus });
  });

  it('that passes while a request waits for the only slot ends its wait', async () => {
    const stop = new AbortController();
    const first = generate(
      deployment,
      { messages: messages(), maxTokens: endless },
      { signal: stop.signal },
    );
    await until('the slot is taken', async () => (await heldAnywhere(deployment)).length > 0);
    const second = await generate(deployment, {
      messages: messages(),
      maxTokens: endless,
      timeoutMs: 600,
    });
    expectRefusal(second, late);
    expect(second.tookMs).toBeLessThan(4000);
    stop.abort();
    expect((await first).kind).toBe('failed');
  });
});
