import { expect, it } from '@jest/globals';
import type { GetRoomResponse, ThermalEmergencyInput } from '@isotherm/proto';
import { type Deployment, profileEngine } from '../harness/deployment.ts';
import { living, stageStatus, untilIdle } from '../harness/idle.ts';
import { describeWithRedis } from '../harness/redis.ts';
import { until } from '../harness/until.ts';
import { clearEmergencies, declareEmergency, deployInRoom, getRoom } from './room.ts';
import { steadyLoad } from './steady-load.ts';

/** Each kind; power to less than three quarters, since half of what this room feeds is idle. */
const kinds: Readonly<Record<string, ThermalEmergencyInput>> = {
  'cooling to 90 %': { kind: 'cooling', toShare: 0.9 },
  'power to 66 %': { kind: 'power', toShare: 0.66 },
  'a lost AHU': { kind: 'ahu', scope: { kind: 'aisle', id: 'a1/a1-ahu1' } },
  'a lost UPS': { kind: 'ups', scope: { kind: 'ups', id: 'u1' } },
  'a heat wave': { kind: 'heat_wave', byK: 14 },
};

const refused = /The wait is longer than|An emergency in the machine room has stopped/;
/** Plant time that each lasts. */
const lastsS = 24;
const untilMsMax = 60_000;
/** Clock event reasons of NVML by which a GPU is capped, slowed or braked. */
const slowedBits = 0x4 | 0x8 | 0x20 | 0x40 | 0x80;

/** What must not be, in words: who was lost, who was dark, who of others was slowed. */
const harmIn = (room: GetRoomResponse, taken: string): readonly string[] => [
  ...room.servers.flatMap(({ id, tenant, gpus }) => [
    ...(gpus.some(({ shutDown }) => shutDown) ? [`${id} shut down`] : []),
    ...(tenant === 'opaque'
      ? gpus.flatMap(({ throttleReasons: bits }) => (bits & slowedBits ? [`${id} by ${bits}`] : []))
      : []),
  ]),
  ...room.levels.flatMap(({ level, state }) =>
    state === 'tripped' && level?.id !== taken ? [`${level?.id} dark`] : [],
  ),
];

/** Clock shares of all instances that take work. */
const clocksOf = (deployment: Deployment): Promise<readonly number[]> =>
  Promise.all(
    (['encoder', 'prefill', 'decode'] as const)
      .flatMap((service) => living(deployment, service))
      .map(
        async ({ ready }) => (await stageStatus(deployment, ready.address)).load?.clockShare ?? 1,
      ),
  );

await describeWithRedis('under load, in each kind of emergency', { own: false }, (redis) => {
  it('opaque tenants lose nothing, nothing stops, no request is lost, and all comes back', async () => {
    const deployment = await deployInRoom(redis.url, 26, {
      ...profileEngine({ prefillPromptMs: 150, decodeStepMs: 20, slots: 16 }),
      ...{ ISOTHERM_OPAQUE_LOAD_MEAN: '0.9', ISOTHERM_TIME_SCALE: '4' },
      // A brake is pulled after five seconds of too much power. On a busy machine the room waits for who decides.
      ISOTHERM_ROOM_STEPS_MAX: '3',
    });
    const load = steadyLoad(deployment, 4, 12);
    try {
      try {
        await until('first answers', () => load.ended().length >= 8, untilMsMax);
        for (const [name, emergency] of Object.entries(kinds)) {
          const taken = emergency.kind === 'ups' ? (emergency.scope?.id ?? '') : '';
          const { plantS } = await getRoom(deployment);
          await declareEmergency(deployment, emergency);
          const harm = new Set<string>();
          await until(
            `the end of ${name}`,
            async () => {
              const room = await getRoom(deployment);
              for (const each of harmIn(room, taken)) harm.add(each);
              return room.plantS >= plantS + lastsS;
            },
            untilMsMax,
          );
          expect([name, ...harm]).toEqual([name]);
          await clearEmergencies(deployment);
          // What was taken is back with the next round.
          await until(
            `the room to be whole after ${name}`,
            async () =>
              (await getRoom(deployment)).levels.every(({ state }) => state !== 'tripped'),
            untilMsMax,
          );
        }
        await until(
          'all instances to run at their full clock',
          async () => (await clocksOf(deployment)).every((share) => share === 0 || share === 1),
          untilMsMax,
        );
        const before = load.ended().length;
        await until('more answers', () => load.ended().length >= before + 16, untilMsMax);
      } finally {
        // What is refused with a reason is not lost.
        expect((await load.stop()).filter((fault) => !refused.test(fault))).toEqual([]);
      }
      await untilIdle(deployment, untilMsMax);
    } finally {
      await deployment.close();
    }
  }, 240_000);
});
