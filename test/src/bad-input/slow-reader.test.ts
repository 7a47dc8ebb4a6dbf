import { once } from 'node:events';
import { request } from 'node:http';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { type Deployment, deploy, profileEngine } from '../harness/deployment.ts';
import { heldAnywhere, untilIdle } from '../harness/idle.ts';
import { describeWithRedis } from '../harness/redis.ts';
import { until } from '../harness/until.ts';

/** As events of a stream some 12 MB: more than the sockets between client and router take. */
const tokensMax = 50_000;

await describeWithRedis('a client that does not read', { own: false }, (redis) => {
  let deployment: Deployment;

  beforeAll(async () => {
    deployment = await deploy({
      redisUrl: redis.url,
      settings: profileEngine({ contextMax: 2 * tokensMax }),
    });
  });
  afterAll(() => deployment.close());

  it('is cut off at its deadline, and holds nothing after it', async () => {
    const call = request(`${deployment.stack.http}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'x-isotherm-timeout-ms': '2000' },
    });
    call.on('error', () => undefined);
    call.end(
      JSON.stringify({
        messages: [{ role: 'user', content: 'go on' }],
        max_tokens: tokensMax,
        stream: true,
      }),
    );
    const [response] = (await once(call, 'response')) as [NodeJS.ReadableStream];
    response.pause();
    response.on('error', () => undefined);
    await until('the answer has begun', async () => (await heldAnywhere(deployment)).length > 0);
    await untilIdle(deployment, 10_000);
    expect(await heldAnywhere(deployment)).toEqual([]);
    call.destroy();
  });
});
