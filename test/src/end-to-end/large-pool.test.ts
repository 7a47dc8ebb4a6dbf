import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { type Deployment, deploy, profileEngine } from '../harness/deployment.ts';
import { routerStatus } from '../harness/idle.ts';
import { describeWithRedis } from '../harness/redis.ts';

const body = (text: string): string =>
  JSON.stringify({ model: 'profile', messages: [{ role: 'user', content: text }], max_tokens: 4 });
const small = body('Is unit 3 on?');
const large = body('hot '.repeat(50_000));

interface Answered {
  readonly id: string;
  readonly choices: readonly { readonly message: { readonly content: string } }[];
}

const ask = async (deployment: Deployment, text: string): Promise<Answered> => {
  const response = await fetch(`${deployment.stack.http}/v1/chat/completions`, {
    ...{ method: 'POST', body: text, headers: { 'content-type': 'application/json' } },
  });
  const answer = await response.text();
  if (response.status !== 200) throw new Error(`${response.status}: ${answer}`);
  return JSON.parse(answer) as Answered;
};

const poolCounts = async (deployment: Deployment): Promise<readonly unknown[]> => {
  const { largePool } = await routerStatus(deployment, deployment.stack.grpc);
  return [largePool?.passedOn, largePool?.notReached, largePool?.brokenOff];
};

const textOf = ({ choices }: Answered): string | undefined => choices[0]?.message.content;

await describeWithRedis('a fabric for large requests', { own: false }, (redis) => {
  let front: Deployment;
  let pool: Deployment;
  const settings = profileEngine({ contextMax: 1 << 20 });
  beforeAll(async () => {
    pool = await deploy({
      redisUrl: redis.url,
      colocate: ['encoder', 'prefill', 'decode'],
      settings: { ...settings, ISOTHERM_NICE: '5' },
    });
    const router = { ISOTHERM_LARGE_POOL_URL: pool.stack.http };
    front = await deploy({ redisUrl: redis.url, settings, settingsOf: { router } });
  });
  afterAll(() => Promise.all([front.close(), pool.close()]));

  it('answers them as the first one would, which answers small ones and those it cannot hand on', async () => {
    const throughFront = await ask(front, large);
    await ask(front, small);
    expect(await poolCounts(front)).toEqual([1, 0, 0]);
    expect(textOf(throughFront)).toBe(textOf(await ask(pool, large)));

    await Promise.all(pool.stack.instances('router').map((router) => router.stop(5_000)));
    const alone = await ask(front, large);
    expect(textOf(alone)).toBe(textOf(throughFront));
    expect(await poolCounts(front)).toEqual([1, 1, 0]);
  });
});
