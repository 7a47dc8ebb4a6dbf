import { expect, it } from '@jest/globals';
import { profileEngine } from '../harness/deployment.ts';
import { living, untilIdle } from '../harness/idle.ts';
import { describeWithRedis } from '../harness/redis.ts';
import { until } from '../harness/until.ts';
import { deployInRoom, statusOf } from './room.ts';
import { steadyLoad } from './steady-load.ts';

const untilMsMax = 60_000;

await describeWithRedis('kill -9 of the thermal service', { own: false }, (redis) => {
  it('makes routers cautious until another is there, and costs no request', async () => {
    const deployment = await deployInRoom(redis.url, 22, {
      ...profileEngine({ prefillPromptMs: 60, decodeStepMs: 20, slots: 16 }),
      // Several times longer than a live service is silent.
      ISOTHERM_HEADROOM_FRESH_MS: '2000',
    });
    /** Waits until the router says this of what it knows of heat, and of every instance. */
    const untilKnown = async (state: string, conservative: boolean): Promise<void> => {
      let seen = '';
      await until(
        () => `headroom to be ${state}, which is ${seen}`,
        async () => {
          const { headroom, instances } = await statusOf(deployment);
          seen = JSON.stringify([headroom, instances.map((each) => each.headroom)]);
          return (
            headroom?.state === state &&
            instances.length === 8 &&
            instances.every((each) => each.headroom?.conservative === conservative)
          );
        },
        untilMsMax,
      );
    };
    const load = steadyLoad(deployment, 8);
    const untilMore = async (): Promise<void> => {
      const enough = load.ended().length + 16;
      await until('more answers', () => load.ended().length >= enough, untilMsMax);
    };
    try {
      try {
        await untilMore();
        await untilKnown('fresh', false);
        const first = (await statusOf(deployment)).headroom?.thermalId;

        const [victim] = living(deployment, 'thermal');
        victim?.kill('SIGKILL');
        await untilKnown('conservative', true);
        await untilMore();

        await deployment.stack.add('thermal');
        await untilKnown('fresh', false);
        const second = (await statusOf(deployment)).headroom?.thermalId;
        expect(second).not.toBe(first);
        await untilMore();
      } finally {
        expect(await load.stop()).toEqual([]);
      }
      await untilIdle(deployment, untilMsMax);
    } finally {
      await deployment.close();
    }
  }, 240_000);
});
