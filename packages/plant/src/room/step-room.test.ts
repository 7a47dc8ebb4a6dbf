import { describe, expect, test } from '@jest/globals';
import { airHeatJPerM3K } from '../predict/air.ts';
import type { GpuDemand } from '../predict/gpu-power.ts';
import { exampleRoom } from '../topology/example-room.ts';
import type { Disturbance } from './disturbance.ts';
import { everywhere, exampleDemand } from './example-load.ts';
import { defaultRoomSettings } from './room-settings.ts';
import { type RoomSnapshot, snapshotOf } from './snapshot.ts';
import { createRoom, initialRoom, type Room, type RoomInput, stepRoom } from './step-room.ts';

/** Two aisles of one row of two servers, all of which may draw and move what they can at once. */
const small = exampleRoom({
  ...{ rowsPerAisle: 1, racksPerRow: 1, serversPerRack: 2 },
  ...{ powerOversubscription: 1, airOversubscription: 1 },
});
const unbraked = {
  ...defaultRoomSettings,
  brake: { ...defaultRoomSettings.brake, isOn: false },
};

const inputFor = (
  room: Room,
  changes: Partial<GpuDemand> = {},
  disturbances: readonly Disturbance[] = [],
): RoomInput => ({
  ...{ dtS: 1, outsideC: 20, demand: everywhere(room.state, changes), disturbances },
});

const run = (room: Room, seconds: number, input: RoomInput): RoomSnapshot => {
  for (let second = 0; second < seconds; second += input.dtS) room.step(input);
  return snapshotOf(room.state);
};

const hottest = ({ gpus }: RoomSnapshot): number => Math.max(...gpus.map(({ coreC }) => coreC));
const reasonsOf = ({ gpus }: RoomSnapshot): ReadonlySet<string> =>
  new Set(gpus.flatMap(({ throttleReasons }) => throttleReasons));
const first = <T>([item]: readonly T[]): T => {
  if (item === undefined) throw new RangeError('empty');
  return item;
};

describe('a quiet room', () => {
  test('begins settled: stepping it idle changes nothing to speak of', () => {
    const room = createRoom(small);
    const before = snapshotOf(room.state);
    const after = run(room, 600, { ...inputFor(room), demand: new Map() });
    after.gpus.forEach(({ coreC }, index) => {
      expect(coreC).toBeCloseTo(before.gpus[index]?.coreC ?? 0, 1);
    });
    expect([...reasonsOf(after)]).toEqual(['GpuIdle']);
  });

  test('energy balances when all has settled: what servers draw, AHUs take and walls leak', () => {
    const light = {
      ...small,
      aisles: small.aisles.map((aisle) => ({ ...aisle, metalJk: 10_000 })),
    };
    const room = createRoom(light);
    run(room, 1_500, { ...inputFor(room), dtS: 5 });
    for (const aisle of snapshotOf(room.state).aisles) {
      const wallsW = defaultRoomSettings.perRack.wallWk * (aisle.returnC - 20);
      expect(aisle.heatRemovedW + wallsW).toBeCloseTo(aisle.powerW, -1);
      const carriedW = airHeatJPerM3K * aisle.airflowSuppliedM3s * (aisle.returnC - aisle.supplyC);
      expect(carriedW).toBeCloseTo(aisle.heatRemovedW, 3);
    }
  });

  test('powers add up from GPU to UPS', () => {
    const { servers, racks, rows, ups, gpus } = run(
      createRoom(small),
      60,
      inputFor(createRoom(small)),
    );
    const sum = (items: readonly { readonly powerW: number }[]): number =>
      items.reduce((total, { powerW }) => total + powerW, 0);
    expect(sum(servers)).toBeGreaterThan(sum(gpus));
    for (const level of [racks, rows, ups]) expect(sum(level)).toBeCloseTo(sum(servers), 6);
  });

  test('a step leaves its argument alone, and is the owned room step for step', () => {
    const start = initialRoom(small);
    const room = createRoom(small);
    const kept = snapshotOf(start);
    let state = start;
    for (let step = 0; step < 20; step += 1) {
      state = stepRoom(state, inputFor(room));
      room.step(inputFor(room));
    }
    expect(snapshotOf(start)).toEqual(kept);
    expect(snapshotOf(state)).toEqual(snapshotOf(room.state));
    expect(snapshotOf(room.copy())).toEqual(snapshotOf(state));
  });

  test('GPUs of one class differ by seed, and the same seed gives the same room', () => {
    const temperatures = (seed: number): readonly number[] => {
      const room = createRoom(small, { spread: { seed, riseSpreadShare: 0.1 } });
      return run(room, 300, inputFor(room)).gpus.map(({ coreC }) => coreC);
    };
    expect(temperatures(7)).toEqual(temperatures(7));
    expect(temperatures(7)).not.toEqual(temperatures(8));
  });
});

describe('heat', () => {
  test('an aisle that lost a fifth of its cooling warms its own servers and no others', () => {
    const room = createRoom(small, { settings: unbraked });
    const load = { stage: 'prefill', utilisation: 0.9, batch: 4 } as const;
    const cool = run(room, 900, inputFor(room, load));
    const lost = [{ kind: 'cooling', aisle: 'a1', share: 0.8 }] as const;
    const warm = run(room, 900, inputFor(room, load, lost));
    const inletOf = ({ aisles }: RoomSnapshot, id: string): number =>
      first(aisles.filter((aisle) => aisle.id === id)).inletC;
    expect(inletOf(warm, 'a1')).toBeGreaterThan(inletOf(cool, 'a1') + 5);
    expect(inletOf(warm, 'a2')).toBeLessThan(inletOf(cool, 'a2') + 0.5);
  });

  test('a lost AHU takes its airflow along', () => {
    const room = createRoom(small);
    const before = run(room, 1, inputFor(room)).aisles[0]?.airflowSuppliedM3s ?? 0;
    const lost = run(room, 1, inputFor(room, {}, [{ kind: 'ahu', ahu: 'a1-ahu2' }]));
    expect(lost.aisles[0]?.airflowSuppliedM3s).toBeCloseTo((before * 2) / 3, 6);
  });

  test('without cooling the air is quick and the metal is slow', () => {
    const room = createRoom(small);
    const idle = { ...inputFor(room), demand: new Map() };
    const before = first(snapshotOf(room.state).aisles);
    const none = { ...idle, disturbances: [{ kind: 'cooling', aisle: 'a1', share: 0 }] } as const;
    const minute = first(run(room, 60, none).aisles);
    const third = first(run(room, 120, none).aisles);
    expect(minute.inletC - before.inletC).toBeGreaterThan(12);
    expect(minute.metalC - before.metalC).toBeLessThan(2);
    // Once the air has outrun the metal both warm at the pace of their heat capacities together.
    const paceKs = third.powerW / (9_000 + 250_000);
    expect((third.metalC - minute.metalC) / 120).toBeLessThan(1.1 * paceKs);
    expect((third.metalC - minute.metalC) / 120).toBeGreaterThan(0.8 * paceKs);
  });

  test('heat lowers clocks before it halves them, and they come back', () => {
    const room = createRoom(small, { settings: unbraked });
    const load = { stage: 'prefill', utilisation: 1, batch: 8 } as const;
    const lost = [{ kind: 'cooling', aisle: 'a1', share: 0.85 }] as const;
    const seen = new Set<string>();
    const input = inputFor(room, load, lost);
    let hot = run(room, 1, input);
    for (let turn = 0; turn < 100; turn += 1) {
      hot = run(room, 12, input);
      for (const reason of reasonsOf(hot)) seen.add(reason);
    }
    expect(seen).toContain('SwThermalSlowdown');
    expect(hottest(hot)).toBeLessThan(95);
    const events = hot.gpus.reduce((sum, { throttled }) => sum + throttled.thermalEvents, 0);
    expect(events).toBeGreaterThan(0);
    const cooled = run(room, 900, inputFor(room, load));
    expect(cooled.gpus.every(({ clockShare }) => clockShare === 1)).toBe(true);
  });

  test('no cooling at all: GPUs switch themselves off, then servers, and it ends there', () => {
    const room = createRoom(small, { settings: unbraked });
    const load = { stage: 'prefill', utilisation: 1, batch: 8 } as const;
    const none = [{ kind: 'cooling', aisle: 'a1', share: 0 }] as const;
    const dark = run(room, 1_800, inputFor(room, load, none));
    const servers = dark.servers.filter(({ aisle }) => aisle === 'a1');
    expect(servers.map(({ state }) => state)).toEqual(['stopped', 'stopped']);
    expect(hottest(dark)).toBeLessThan(110);
    run(room, 600, { ...inputFor(room), demand: new Map() });
    const back = run(room, 300, {
      ...inputFor(room, { utilisation: 0.2 }),
      restarts: servers.map(({ id }) => ({ kind: 'server', server: id }) as const),
    });
    expect(back.servers.every(({ state }) => state === 'on')).toBe(true);
    expect(back.gpus.every(({ shutDown }) => !shutDown)).toBe(true);
  });
});

describe('power', () => {
  const full = { stage: 'prefill', utilisation: 1, batch: 8 } as const;
  const rowShare = (share: number): readonly Disturbance[] => [{ kind: 'power', share, row: 'r1' }];

  test('a power limit caps clocks and says so; the board’s own is no event', () => {
    const room = createRoom(small, { settings: unbraked });
    const capped = run(room, 60, inputFor(room, { ...full, powerLimitW: 400 }));
    expect(capped.gpus.every(({ powerW }) => powerW <= 400.1)).toBe(true);
    expect(reasonsOf(capped)).toContain('SwPowerCap');
    expect(first(capped.gpus).throttled.powerEvents).toBe(1);
    expect(first(capped.gpus).throttled.powerS).toBe(60);
  });

  test('a server keeps to its own limit', () => {
    const limited = exampleRoom({ rowsPerAisle: 1, racksPerRow: 1, serversPerRack: 1 });
    const plan = {
      ...limited,
      rows: limited.rows.map((row) => ({
        ...row,
        racks: row.racks.map((rack) => ({
          ...rack,
          servers: rack.servers.map((server) => ({ ...server, limitW: 6_000 })),
        })),
      })),
    };
    const room = createRoom(plan, { settings: unbraked });
    const { servers } = run(room, 120, inputFor(room, full));
    for (const { powerW } of servers) expect(powerW).toBeLessThan(6_000 * 1.02);
  });

  test('the brake holds an overloaded row before its breaker opens', () => {
    const room = createRoom(small);
    const braked = run(room, 15, inputFor(room, full, rowShare(0.75)));
    expect(reasonsOf(braked)).toContain('HwPowerBrakeSlowdown');
    const later = run(room, 600, inputFor(room, full, rowShare(0.75)));
    expect(first(later.rows).breaker.kind).toBe('closed');
    const eased = run(room, 60, inputFor(room, { utilisation: 0.2 }));
    expect(eased.gpus.every(({ clockShare }) => clockShare === 1)).toBe(true);
  });

  test('without a brake its breaker opens when its curve says, and a restart closes it', () => {
    const room = createRoom(small, { settings: unbraked });
    run(room, 30, inputFor(room, full));
    let seconds = 0;
    const load = (): number => {
      const row = first(snapshotOf(room.state).rows);
      return row.powerW / row.limitW;
    };
    room.step(inputFor(room, full, rowShare(0.7)));
    expect(load()).toBeGreaterThan(1.3);
    const allowedS = first(snapshotOf(room.state).rows).breaker.untilTripS;
    while (first(snapshotOf(room.state).rows).breaker.kind === 'closed' && seconds < 1e4) {
      room.step(inputFor(room, full, rowShare(0.7)));
      seconds += 1;
    }
    expect(seconds).toBeGreaterThan(0.9 * allowedS);
    expect(seconds).toBeLessThan(1.1 * allowedS + 2);
    const dark = run(room, 1, inputFor(room, full));
    expect(
      dark.servers.filter(({ row }) => row === 'r1').every(({ state }) => state === 'off'),
    ).toBe(true);
    const lit = run(room, 1, { ...inputFor(room), restarts: [{ kind: 'row', row: 'r1' }] });
    expect(lit.servers.every(({ state }) => state === 'on')).toBe(true);
  });

  test('4N/3: a lost UPS leaves 75 %, and the others carry its rows', () => {
    const plan = exampleRoom({ aisles: 2, rowsPerAisle: 2, racksPerRow: 1, serversPerRack: 1 });
    const room = createRoom(plan);
    const light = { utilisation: 0.3 };
    const before = run(room, 60, inputFor(room, light));
    const after = run(room, 60, inputFor(room, light, [{ kind: 'ups', ups: 'u2' }]));
    const limitOf = ({ ups }: RoomSnapshot): number =>
      ups.reduce((sum, { limitW }) => sum + limitW, 0);
    expect(limitOf(after) / limitOf(before)).toBeCloseTo(0.75, 9);
    expect(after.ups.map(({ state }) => state)).toEqual(['on', 'lost', 'on', 'on']);
    expect((after.ups[0]?.powerW ?? 0) / (before.ups[0]?.powerW ?? 1)).toBeCloseTo(4 / 3, 3);
    expect(after.servers.every(({ state }) => state === 'on')).toBe(true);
  });

  test('N: the rows of a lost UPS are dark while it is lost', () => {
    const shared = exampleRoom({ rowsPerAisle: 1, racksPerRow: 1, serversPerRack: 1 });
    const plan = { ...shared, ups: { ...shared.ups, redundancy: 'N' } } as const;
    const room = createRoom(plan);
    const states = (disturbances: readonly Disturbance[]): readonly string[] =>
      run(room, 2, inputFor(room, {}, disturbances)).servers.map(({ state }) => state);
    expect(states([{ kind: 'ups', ups: 'u1' }])).toEqual(['off', 'on']);
    expect(states([])).toEqual(['on', 'on']);
  });

  test('capacity down to a share is a lower limit', () => {
    const room = createRoom(small);
    const { ups } = run(room, 1, inputFor(room, {}, [{ kind: 'power', share: 0.75 }]));
    ups.forEach(({ limitW }, index) => {
      expect(limitW).toBeCloseTo((small.ups.units[index]?.capacityW ?? 0) * 0.75, 6);
    });
  });
});

test('what is not known in a demand or a disturbance is left alone', () => {
  const room = createRoom(small);
  const before = snapshotOf(room.state);
  room.step({
    ...{ dtS: 0, outsideC: 20 },
    demand: new Map([['nowhere/0' as (typeof before.gpus)[number]['id'], exampleDemand()]]),
    disturbances: [
      { kind: 'ahu', ahu: 'nobody' },
      { kind: 'cooling', aisle: 'none', share: 0 },
      { kind: 'ups', ups: 'none' },
    ],
    restarts: [
      { kind: 'server', server: 'none' },
      { kind: 'row', row: 'none' },
      { kind: 'ups', ups: 'none' },
    ],
  });
  expect(snapshotOf(room.state)).toEqual(before);
});
