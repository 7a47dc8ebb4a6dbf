import { once } from 'node:events';
import { credentials } from '@grpc/grpc-js';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { protos } from '@isotherm/rpc';
import { type Deployment, deploy, profileEngine } from '../harness/deployment.ts';
import { heldAnywhere, untilIdle } from '../harness/idle.ts';
import { describeWithRedis } from '../harness/redis.ts';

/** A byte each at least: far more than the 64 KiB that a client takes unread by default, and what lies on the way to it. */
const maxTokens = 1_000_000;

await describeWithRedis('a client that does not read', { own: false }, (redis) => {
  let deployment: Deployment;

  beforeAll(async () => {
    deployment = await deploy({
      redisUrl: redis.url,
      settings: profileEngine({ contextMax: 2 * maxTokens }),
    });
  });
  afterAll(() => deployment.close());

  it('is cut off at its deadline, and holds nothing after it', async () => {
    const { RouterService } = protos.isotherm.router.v1;
    const client = new RouterService(deployment.stack.grpc, credentials.createInsecure());
    // The deadline is the request's own: the call has none, so nothing but the router ends it.
    const startMs = performance.now();
    const call = client.generate({
      messages: [{ role: 'user', parts: [{ text: 'go on' }] }],
      maxTokens,
      timeoutMs: 5000,
    });
    call.on('error', () => undefined);
    await once(call, 'metadata');
    expect(await heldAnywhere(deployment)).not.toEqual([]);
    await untilIdle(deployment, 10_000);
    expect(performance.now() - startMs).toBeGreaterThan(4000);
    client.close();
  });
});
