import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { postChat, question } from '../harness/chat.ts';
import { type Deployment, deploy, profileEngine } from '../harness/deployment.ts';
import { generate } from '../harness/generate.ts';
import { routerStatus, untilIdle } from '../harness/idle.ts';
import { describeWithRedis } from '../harness/redis.ts';
import { until } from '../harness/until.ts';

const short = question([], 'Hello?', { max_tokens: 2 });
const messages = [{ role: 'user', parts: [{ text: 'Hello?' }] }];
/** Keeps the only place for as long as nobody takes it away. */
const long = question([], 'Tell me everything.', { max_tokens: 3000 });

await describeWithRedis('admission', { own: false }, (redis) => {
  let deployment: Deployment;
  let leave = new AbortController();
  const admission = async () =>
    (await routerStatus(deployment, deployment.stack.grpc)).admission ?? undefined;
  const waiting = async (): Promise<number> => (await admission())?.waiting ?? Number.NaN;
  const post = (body: object, headers: Readonly<Record<string, string>> = {}) =>
    fetch(`${deployment.stack.http}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
  /** Requests that end when the test does; who has gone is told as an error, which is no matter here. */
  const hold = (body: object): void =>
    void postChat(deployment.stack.http, body, { signal: leave.signal }).catch(() => undefined);
  const fill = async (): Promise<void> => {
    hold(long);
    await until('the place is taken', async () => {
      const status = await routerStatus(deployment, deployment.stack.grpc);
      return status.instances.some(({ stage, bookings }) => stage === 'decode' && bookings > 0);
    });
  };

  beforeAll(async () => {
    deployment = await deploy({
      redisUrl: redis.url,
      settings: profileEngine({ decodeStepMs: 20, slots: 1 }),
      settingsOf: {
        router: {
          ISOTHERM_PLACES_PERCENT: '100',
          ISOTHERM_QUEUE_MAX: '1',
          ISOTHERM_TENANTS: '{"trial": {"tokensPerS": 0.5, "burstTokens": 10}}',
        },
      },
    });
  });
  afterEach(async () => {
    leave.abort();
    leave = new AbortController();
    await untilIdle(deployment);
    expect(await waiting()).toBe(0);
  });
  afterAll(() => deployment.close());

  it("refuses what is over a tenant's own limit with 429 and when to come again", async () => {
    const trial = { 'x-isotherm-tenant': 'trial' };
    expect((await post(short, trial)).status).toBe(200);
    const refused = await post(short, trial);
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    expect(await refused.json()).toMatchObject({
      error: { code: 'rate_limited', type: 'rate_limit_error' },
    });
    const overGrpc = await generate(deployment, { messages, maxTokens: 2, tenant: 'trial' });
    if (overGrpc.kind !== 'failed') throw new Error('It was answered.');
    expect(overGrpc.fault.code).toBe('rate_limited');
    expect(overGrpc.fault.retryAfterMs).toBeGreaterThan(0);
    expect((await post(short)).status).toBe(200);
    expect(await admission()).toMatchObject({ refused: { tenant_rate: 2 } });
  });

  it.each([
    ['x-isotherm-tenant', 'a b'],
    ['x-isotherm-slo-class', 'urgent'],
  ])('refuses the header %s: %s by its name', async (param, value) => {
    const refused = await post(short, { [param]: value });
    expect(refused.status).toBe(400);
    expect(await refused.json()).toMatchObject({ error: { code: 'invalid_argument', param } });
  });

  it('refuses a service class that there is not over gRPC, by the field', async () => {
    const answer = await generate(deployment, { messages, sloClass: 'urgent' });
    expect(answer).toMatchObject({ kind: 'failed', fault: { param: 'slo_class' } });
  });

  it("takes OpenAI's service tiers as classes", async () => {
    const before = await admission();
    expect((await post({ ...short, service_tier: 'flex' })).status).toBe(200);
    expect((await post({ ...short, service_tier: 'priority' })).status).toBe(200);
    expect((await post({ ...short, service_tier: 'scale' })).status).toBe(400);
    const after = await admission();
    const more = ['interactive', 'standard', 'batch'].map((name) => {
      const [was, is] = [before, after].map((status) =>
        status?.classes.find((one) => one.name === name),
      );
      return (is?.admitted ?? 0) - (was?.admitted ?? 0);
    });
    expect(more).toEqual([1, 0, 1]);
  });

  it('lets one wait, refuses the next with 503 and Retry-After, and keeps nothing of who leaves', async () => {
    await fill();
    hold(short);
    await until('one waits', async () => (await waiting()) === 1);
    const refused = await post(short);
    expect(refused.status).toBe(503);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    expect(await refused.json()).toMatchObject({ error: { code: 'saturated' } });
    expect((await admission())?.refused['queue_count']).toBeGreaterThan(0);
  });

  it('ends the wait at the deadline of the request', async () => {
    await fill();
    const late = await post(short, { 'x-isotherm-timeout-ms': '300' });
    expect(await late.json()).toMatchObject({ error: { code: 'deadline_exceeded' } });
    expect([late.status, await waiting()]).toEqual([504, 0]);
  });

  it('answers who waited when the place is free', async () => {
    await fill();
    const waits = post(short);
    await until('one waits', async () => (await waiting()) === 1);
    leave.abort();
    expect((await waits).status).toBe(200);
  });
});
