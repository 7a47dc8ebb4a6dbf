import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { postChat, question } from '../harness/chat.ts';
import { type Deployment, deploy, profileEngine } from '../harness/deployment.ts';
import { heldAnywhere } from '../harness/idle.ts';
import { describeWithRedis } from '../harness/redis.ts';
import { until, within } from '../harness/until.ts';

await describeWithRedis('the HTTP door', { own: false }, (redis) => {
  let deployment: Deployment;
  const at = (path: string, method = 'GET'): Promise<Response> =>
    fetch(`${deployment.stack.http}${path}`, { method });

  beforeAll(async () => {
    deployment = await deploy({
      redisUrl: redis.url,
      settings: profileEngine({ decodeStepMs: 20 }),
    });
  });
  afterAll(() => deployment.close());

  it.each(['/healthz', '/readyz', '/v1/models'])('answers HEAD as GET: %s', async (path) => {
    const response = await at(path, 'HEAD');
    expect([response.status, await response.text()]).toEqual([200, '']);
  });

  it.each([
    ['/v1/chat/completions', 'GET', 'POST'],
    ['/v1/models', 'DELETE', 'GET'],
  ])('says which method %s takes', async (path, method, allowed) => {
    const response = await at(path, method);
    expect([response.status, response.headers.get('allow')]).toEqual([405, allowed]);
    const body = (await response.json()) as { error: { code: string; message: string } };
    expect(body.error).toMatchObject({ code: 'method_not_allowed' });
    expect(body.error.message).toContain(allowed);
  });

  it.each(['/', '/v1', '/toString', '/__proto__'])('has nothing at %s', async (path) => {
    expect((await at(path)).status).toBe(404);
  });

  it('is not ready while it drains, and finishes what it has', async () => {
    const [router] = deployment.stack.instances('router');
    const answer = postChat(deployment.stack.http, question([], 'go on', { max_tokens: 100 }));
    await until('it has work', async () => (await heldAnywhere(deployment)).length > 0);
    router?.kill('SIGTERM');
    await until('it says so', async () => (await at('/readyz')).status === 503);
    expect((await answer).kind).toBe('completed');
    expect(await within('its exit', 12_000, router?.exited ?? Promise.resolve(null))).toBe(0);
  });
});
