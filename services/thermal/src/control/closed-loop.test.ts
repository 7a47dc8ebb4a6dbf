import { describe, expect, it } from '@jest/globals';
import { instanceId, manualClock } from '@isotherm/kernel';
import { type InstanceRecord, memoryFabric } from '@isotherm/lanes';
import { exampleRoom } from '@isotherm/plant';
import { readSettings, silentLogger } from '@isotherm/runtime';
import { checkEmergency, type RawEmergency } from '../emergency/check-emergency.ts';
import { createHeadroomHub } from '../headroom/headroom-hub.ts';
import { memoryHistory } from '../history/store.ts';
import { type PlacedInstance, placeOf } from '../instances/instance-book.ts';
import { createKeeper, type Keeper } from '../keeper.ts';
import { thermalSettings } from '../settings.ts';
import { indexRoom } from '../topology/room-index.ts';

const plan = exampleRoom({ racksPerRow: 1, serversPerRack: 3 });
const index = indexRoom(plan);
/** Rounds of four plant seconds. */
const roundMs = 200;

/** Work that is done at whatever clock: a lower one makes an instance busier. */
const load = 0.75;

const records: readonly InstanceRecord[] = index.layout.servers.flatMap(({ plan: server }, at) =>
  server.tenant === 'opaque'
    ? []
    : [
        {
          ...{ id: instanceId(`on-${server.id}`), stage: at % 2 === 0 ? 'decode' : 'prefill' },
          ...{ model: 'panel', address: '127.0.0.1:1', capacity: 8, contextMax: 1024 },
          ...{ place: `${server.id}/0,1,2,3,4,5,6,7`, startedMs: 0, state: 'serving' },
        } as const,
      ],
);

const open = (environment: Readonly<Record<string, string>> = {}) => {
  const clock = manualClock(1_700_000_000_000);
  const settings = readSettings(thermalSettings, {
    ...{ REDIS_URL: 'redis://unused', ISOTHERM_TIME_SCALE: '20' },
    ...{ ISOTHERM_OPAQUE_LOAD_MEAN: '0.75', ISOTHERM_OPAQUE_LOAD_SWING: '0.05' },
    ...environment,
  });
  const own: { keeper?: Keeper } = {};
  const clockOf = (id: string): number => own.keeper?.conductor.wantedOf(id).clockShare ?? 1;
  const instances = (): readonly PlacedInstance[] =>
    records.map((record) => ({
      ...{ record, ...placeOf(record, index) },
      load: {
        ...{ utilisation: Math.min(1, load / clockOf(record.id)), batch: 16, powerW: 0 },
        ...{ clockShare: clockOf(record.id), precision: '', atMs: clock.nowMs() },
      },
    }));
  const keeper = createKeeper(
    {
      ...{ room: { plan, hourlyC: [] }, index, clock, instances, history: memoryHistory() },
      ...{ fabric: memoryFabric({}), logger: silentLogger() },
      hub: createHeadroomHub({ watchersMax: 1, wholeMs: 5_000 }),
    },
    settings,
  );
  own.keeper = keeper;
  const run = (rounds: number, look: () => void = () => undefined): void => {
    for (let each = 0; each < rounds; each += 1) {
      clock.advance(roundMs);
      keeper.round();
      look();
    }
  };
  const state = () => {
    const found = keeper.runner.virtual?.state;
    if (found === undefined) throw new Error('The room is not virtual.');
    return found;
  };
  return { keeper, run, state, clocks: () => records.map(({ id }) => clockOf(id)) };
};

const emergency = (different: Partial<RawEmergency>): RawEmergency => ({
  ...{ kind: 'power', scope: null, toShare: 0, byK: 0, forS: 0 },
  ...different,
});

describe('the closed loop in an emergency', () => {
  it.each<[string, Partial<RawEmergency>, boolean]>([
    ['power to 75 %', { toShare: 0.75 }, true],
    ['a lost UPS', { kind: 'ups', scope: { kind: 'ups', id: 'u1' } }, true],
    ['cooling to 90 %', { kind: 'cooling', toShare: 0.9 }, false],
    ['a heat wave', { kind: 'heat_wave', byK: 12 }, false],
  ])(
    '%s: no breaker opens, no GPU stops, opaque tenants lose nothing, and all comes back',
    async (_, different, takes) => {
      const { keeper, run, state, clocks } = open();
      run(30);
      expect(keeper.conductor.actions()).toEqual([]);
      keeper.emergencies.declare(checkEmergency(emergency(different), index));
      let opaqueCapped = 0;
      let down = 0;
      run(75, () => {
        const { rows, ups, gpus } = state();
        opaqueCapped = Math.max(opaqueCapped, keeper.conductor.limitsW().size);
        for (const column of [rows.tripped, ups.tripped, gpus.shutDown]) {
          down = Math.max(down, ...column);
        }
      });
      expect({ opaqueCapped, down }).toEqual({ opaqueCapped: 0, down: 0 });
      expect(clocks().some((share) => share < 1)).toBe(takes);
      for (const use of keeper.latest().levels.values()) {
        if (use.of.level === 'row' || (use.of.level === 'ups' && !use.dark)) {
          expect(use.used).toBeLessThanOrEqual(use.limit);
        }
      }
      keeper.emergencies.clear('');
      run(150);
      expect(clocks().every((share) => share === 1)).toBe(true);
      expect(records.some(({ id }) => keeper.conductor.isStopped(id))).toBe(false);
      await keeper.close();
    },
    120_000,
  );

  it('only says what it would do where it may not act', async () => {
    const { keeper, run, clocks } = open({ ISOTHERM_ACTUATE: 'false' });
    run(10);
    keeper.emergencies.declare(checkEmergency(emergency({ toShare: 0.75 }), index));
    run(5);
    expect(keeper.conductor.actions().length).toBeGreaterThan(0);
    expect(keeper.conductor.actions().every(({ done }) => !done)).toBe(true);
    expect(clocks().every((share) => share === 1)).toBe(true);
    await keeper.close();
  }, 120_000);

  it('does nothing with the lever off', async () => {
    const { keeper, run, clocks } = open({ ISOTHERM_LEVER_RECONFIGURE: 'false' });
    run(10);
    keeper.emergencies.declare(checkEmergency(emergency({ toShare: 0.75 }), index));
    run(5);
    expect(keeper.conductor.actions()).toEqual([]);
    expect(clocks().every((share) => share === 1)).toBe(true);
    await keeper.close();
  }, 120_000);

  it('slows the engines of GPUs that a virtual room throttles', async () => {
    const { keeper, run } = open({ ISOTHERM_LEVER_RECONFIGURE: 'false' });
    run(10);
    expect(keeper.actuator.counts.sent).toBe(0);
    const lost = { kind: 'cooling', toShare: 0.02 };
    keeper.emergencies.declare(checkEmergency(emergency(lost), index));
    run(150);
    expect(keeper.runner.throttleEvents().thermal).toBeGreaterThan(0);
    expect(keeper.actuator.counts.sent).toBeGreaterThan(0);
    expect(keeper.latest().headroom.some(({ clockShare }) => clockShare < 1)).toBe(true);
    await keeper.close();
  }, 120_000);
});
