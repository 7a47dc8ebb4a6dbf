import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { postChat, question } from '../harness/chat.ts';
import { type Deployment, deploy, profileEngine } from '../harness/deployment.ts';
import { routerStatus, untilIdle } from '../harness/idle.ts';
import { describeWithRedis } from '../harness/redis.ts';
import { until } from '../harness/until.ts';

/** Keeps its place for as long as nobody takes it away. */
const long = question([], 'Tell me everything.', { max_tokens: 3000 });
const slots = 8;

await describeWithRedis('two routers and one fleet', { own: false }, (redis) => {
  let deployment: Deployment;
  const leave = [new AbortController(), new AbortController()];
  const router = (index: number) => deployment.stack.instances('router')[index]?.ready;
  const hold = (index: number, count: number): void => {
    for (let i = 0; i < count; i++) {
      const { signal } = leave[index] ?? new AbortController();
      const http = router(index)?.http ?? '';
      void postChat(http, long, { signal }).catch(() => undefined);
    }
  };
  const statusOf = (index: number) => routerStatus(deployment, router(index)?.address ?? '');
  const waiting = async (index: number): Promise<number> =>
    (await statusOf(index)).admission?.waiting ?? Number.NaN;
  const decodeAt = async (index: number) =>
    (await statusOf(index)).instances.find(({ stage }) => stage === 'decode');

  beforeAll(async () => {
    deployment = await deploy({
      redisUrl: redis.url,
      shape: { router: 2 },
      settings: profileEngine({ decodeStepMs: 20, slots }),
      settingsOf: {
        router: {
          ISOTHERM_PLACES_PERCENT: '100',
          ISOTHERM_SLO_CLASSES: '{"standard": {"placesShareMax": 1}}',
        },
      },
    });
    // Four processes and Redis start on a machine that may be busy.
  }, 90_000);
  afterEach(() => untilIdle(deployment));
  afterAll(() => deployment.close());

  it('one fills all of it while the other is idle, which has its half when it comes', async () => {
    await until('both know of each other', async () => {
      const known = await Promise.all([statusOf(0), statusOf(1)]);
      return known.every(({ routers }) => routers.length === 2);
    });
    hold(0, slots + 2);
    await until('the first one has filled the fleet', async () => {
      const decode = await decodeAt(0);
      return decode?.bookings === slots && (await waiting(0)) === 2;
    });
    await until('the second one has heard of it', async () => {
      const { reportedTokens = 0 } = (await decodeAt(1)) ?? {};
      const { pendingTokens = Number.NaN } = (await decodeAt(0)) ?? {};
      return reportedTokens > 0.9 * pendingTokens;
    });
    hold(1, slots);
    await until('half of them have their turn', async () => (await waiting(1)) === slots / 2);
    await until('they decode', async () => (await decodeAt(1))?.bookings === slots / 2);
    expect(await waiting(0)).toBe(2);
    for (const controller of leave) controller.abort();
  });
});
