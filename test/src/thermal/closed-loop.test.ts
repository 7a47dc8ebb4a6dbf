import { expect, it } from '@jest/globals';
import type { GetRoomResponse } from '@isotherm/proto';
import { type Deployment, profileEngine } from '../harness/deployment.ts';
import { untilIdle } from '../harness/idle.ts';
import { describeWithRedis } from '../harness/redis.ts';
import { until } from '../harness/until.ts';
import { declareEmergency, deployInRoom, getRoom, instancesIn, statusOf } from './room.ts';
import { shareOf, steadyLoad, type SteadyLoad } from './steady-load.ts';

/** A hot day on which customers' own machines never rest. */
const outsideC = 32;
const busyOpaque = { ISOTHERM_OPAQUE_LOAD_MEAN: '0.9' };
const noLever = {
  ISOTHERM_LEVER_PLACE: 'false',
  ISOTHERM_LEVER_ROUTE: 'false',
  ISOTHERM_LEVER_RECONFIGURE: 'false',
};
const failedCooling = (toShare: number) => ({
  ...{ kind: 'cooling', scope: { kind: 'aisle', id: 'a1' }, toShare },
});

/** Requests by which a share of work is told. */
const sampled = 40;
/** Headroom below which there is as good as none. */
const goneShare = 0.1;
/** Plant time after a failure by whose end load must have moved. */
const moveS = 5;
/** Plant time that an uncontrolled room may take until hardware throttles: it does after 400 s. */
const heatUpS = 1800;
const untilMsMax = 60_000;

const heatThrottles = ({ throttleEvents }: GetRoomResponse): number =>
  throttleEvents['thermal'] ?? 0;

const untilPlantS = (deployment: Deployment, plantS: number): Promise<void> =>
  until(
    `plant time ${plantS}`,
    async () => (await getRoom(deployment)).plantS >= plantS,
    untilMsMax,
  );

/** What the router counts on at some instances, as shares. */
const headroomsOf = async (
  deployment: Deployment,
  of: ReadonlySet<string>,
): Promise<readonly number[]> => {
  const { instances } = await statusOf(deployment);
  const those = instances.filter(({ instanceId }) => of.has(instanceId));
  return those.map(({ headroom }) => headroom?.stageShare ?? Number.NaN);
};

/** The share of the work of the next requests that some instances do. */
const nextShare = async (load: SteadyLoad, instances: ReadonlySet<string>): Promise<number> => {
  const from = load.begun();
  let share: number | undefined;
  await until(
    `the end of ${sampled} requests`,
    () => (share = shareOf(load, [from, from + sampled], instances)) !== undefined,
    untilMsMax,
  );
  return share ?? Number.NaN;
};

await describeWithRedis('under load, when an aisle loses its cooling', { own: false }, (redis) => {
  /** Looks at a room while its instances work; not one of the requests may fail. */
  const underLoad = async (
    settings: Readonly<Record<string, string>>,
    perS: number,
    look: (deployment: Deployment, load: SteadyLoad) => Promise<void>,
  ): Promise<void> => {
    const deployment = await deployInRoom(redis.url, outsideC, { ...busyOpaque, ...settings });
    try {
      const load = steadyLoad(deployment, perS);
      try {
        await until('first answers', () => load.ended().length >= perS, untilMsMax);
        await look(deployment, load);
      } finally {
        expect(await load.stop()).toEqual([]);
      }
      await untilIdle(deployment, untilMsMax);
    } finally {
      await deployment.close();
    }
  };

  it('routers have moved work to the other after 5 s of plant time', async () => {
    // In real time, plant time's own pace here: a busy machine has five seconds to decide and to tell.
    const settings = profileEngine({ prefillPromptMs: 60, decodeStepMs: 20, slots: 16 });
    await underLoad(settings, 8, async (deployment, load) => {
      const hot = instancesIn(await getRoom(deployment), 'a1');
      const before = await nextShare(load, hot);
      // Half the prefill and half the decode instances are placed there.
      expect(before).toBeGreaterThan(0.25);

      expect(Math.min(...(await headroomsOf(deployment, hot)))).toBeGreaterThan(goneShare);
      const { plantS: failedS } = await getRoom(deployment);
      await declareEmergency(deployment, failedCooling(0.6));
      await until(
        'headroom there to be gone',
        async () => Math.max(...(await headroomsOf(deployment, hot))) < goneShare,
        untilMsMax,
      );
      const { plantS: toldS } = await getRoom(deployment);
      expect(toldS - failedS).toBeLessThan(moveS);

      await untilPlantS(deployment, failedS + moveS);
      expect(await nextShare(load, hot)).toBeLessThan(before / 2);
      const { throttleEvents } = await getRoom(deployment);
      expect(throttleEvents).toEqual({ thermal: 0, power: 0 });
    });
  }, 180_000);

  it('hardware throttles when no lever is on, and not when all are', async () => {
    const settings = {
      ...profileEngine({ prefillPromptMs: 90, decodeStepMs: 25, slots: 16 }),
      ISOTHERM_TIME_SCALE: '60',
    };
    const fail = async (deployment: Deployment): Promise<number> => {
      const { plantS } = await getRoom(deployment);
      await declareEmergency(deployment, { kind: 'heat_wave', byK: 8 });
      await declareEmergency(deployment, failedCooling(0.45));
      return plantS;
    };
    let lookedS = 0;
    await underLoad({ ...settings, ...noLever }, 12, async (deployment) => {
      const failedS = await fail(deployment);
      await until(
        'a GPU to be throttled for heat, or too long',
        async () => {
          const room = await getRoom(deployment);
          lookedS = room.plantS - failedS;
          return heatThrottles(room) > 0 || lookedS > heatUpS;
        },
        untilMsMax,
      );
      expect(heatThrottles(await getRoom(deployment))).toBeGreaterThan(0);
    });
    await underLoad(settings, 12, async (deployment) => {
      const failedS = await fail(deployment);
      await untilPlantS(deployment, failedS + lookedS);
      expect(heatThrottles(await getRoom(deployment))).toBe(0);
    });
  }, 240_000);
});
