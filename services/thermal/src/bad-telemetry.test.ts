import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deferred, type ManualClock } from '@isotherm/kernel';
import { parsePlace } from '@isotherm/plant';
import type { ReadingInput, ReportTelemetryRequestInput } from '@isotherm/proto';
import { silentLogger } from '@isotherm/runtime';
import type { PlacedInstance } from './instances/instance-book.ts';
import { dcgmLook } from './sources/dcgm/dcgm-source.ts';
import { httpReader } from './sources/http/http-reader.ts';
import { hwmonLook } from './sources/hwmon/hwmon-source.ts';
import { instancePowerLook } from './sources/instances/instance-power.ts';
import { smiLook } from './sources/nvidia-smi/smi-source.ts';
import { type Look, pollingSource, type Rest } from './sources/polling/polling-source.ts';
import { raplLook } from './sources/rapl/rapl-source.ts';
import { redfishClient } from './sources/redfish/redfish-client.ts';
import { redfishLook } from './sources/redfish/redfish-source.ts';
import { standInUser, startRedfishStandIn } from './sources/redfish/testing/redfish-stand-in.ts';
import { runSources } from './sources/run-sources.ts';
import type { SourceKind } from './telemetry/source.ts';
import { keepRoom, type KeptRoom } from './testing/kept-room.ts';
import { smallRoom } from './testing/thermal-under-test.ts';
import { planOf } from './topology/room-file.ts';

const startMs = 1_700_000_000_000;
const hourMs = 3_600_000;
const server = 'r1-k1-s1';
const gpu = { kind: 'gpu', id: `${server}/0` };
const reading = (quantity: string, value: number, of = gpu): ReadingInput => ({
  ...{ of, quantity, value },
});

/** What a sound room reports: each server and each of its GPUs, a little different each second. */
const soundReadings = (second: number): readonly ReadingInput[] =>
  ['r1-k1-s1', 'r1-k1-s2', 'r2-k1-s1', 'r2-k1-s2'].flatMap((id, at) => [
    reading('inlet_c', 22 + at, { kind: 'server', id }),
    reading('power_w', 4_000 + 10 * second, { kind: 'server', id }),
    ...Array.from({ length: 8 }, (_, index) => ({ kind: 'gpu', id: `${id}/${index}` })).flatMap(
      (of) => [
        reading('core_c', 50 + at + 0.5 * second, of),
        reading('memory_c', 60 + at + 0.5 * second, of),
        reading('power_w', 350 + second, of),
        reading('throttle_reasons', 0, of),
      ],
    ),
  ]);

/** Two rooms that are told the same; what is bad is told to one of them. */
interface Pair {
  readonly sound: KeptRoom;
  readonly attacked: KeptRoom;
}

const bothOf = ({ sound, attacked }: Pair) => [sound, attacked] as const;

let pair: Pair;
let second = 0;
beforeEach(async () => {
  second = 0;
  const open = () => keepRoom(smallRoom, [`${server}/0,1,2,3`, 'r2-k1-s2/7'], startMs);
  pair = { sound: await open(), attacked: await open() };
});
afterEach(async () => {
  for (const each of bothOf(pair)) await each.close();
});

/** A second passes, and what is sound is told to both. */
const tick = async (): Promise<void> => {
  second += 1;
  for (const { clock, report } of bothOf(pair)) {
    clock.advance(1_000);
    const readings = [...soundReadings(second)];
    const { accepted } = await report([{ source: 'sound', atMs: clock.nowMs(), readings }]);
    expect(accepted).toBe(readings.length);
  }
};

/** What decisions are made of is to the last digit what it is without what is bad. */
const expectSame = async (): Promise<void> => {
  const [sound, attacked] = bothOf(pair);
  for (const { keeper } of [sound, attacked]) keeper.round();
  expect(await attacked.room()).toEqual(await sound.room());
  const heard = await attacked.headroom();
  expect(heard).toEqual(await sound.headroom());
  expect(heard.instances).toHaveLength(2);
  for (const { conservative, coreShare } of heard.instances) {
    expect({ conservative, known: coreShare > 0 && coreShare < 1 }).toEqual({
      ...{ conservative: false, known: true },
    });
  }
};

/** Values that no working sensor gives, with the reason for which each is put aside. */
const impossible: readonly (readonly [string, ReadingInput, string])[] = [
  ['NaN', reading('core_c', Number.NaN), 'not_finite'],
  ['infinity', reading('power_w', Infinity), 'not_finite'],
  ['minus infinity', reading('memory_c', -Infinity), 'not_finite'],
  ['negative watts', reading('power_w', -1), 'impossible'],
  ['a billion degrees', reading('core_c', 1e9), 'impossible'],
  ['minus a billion degrees', reading('memory_c', -1e9), 'impossible'],
  ['a gigawatt server', reading('power_w', 1e9, { kind: 'server', id: server }), 'impossible'],
  ['the largest number', reading('energy_j', Number.MAX_VALUE), 'impossible'],
  ['half a bit', reading('throttle_reasons', 0.5), 'impossible'],
  ['an unknown GPU', reading('core_c', 99, { kind: 'gpu', id: `${server}/8` }), 'unknown_level'],
  ['an unknown server', reading('inlet_c', 60, { kind: 'server', id: 'r9' }), 'unknown_level'],
  ['a name of Object', reading('core_c', 99, { kind: '__proto__', id: 'x' }), 'unknown_level'],
  ['an unknown quantity', reading('toString', 99), 'unknown_quantity'],
  ['a quantity of another level', reading('inlet_c', 60), 'unknown_quantity'],
  ['nothing at all', { quantity: '', value: 0 }, 'unknown_level'],
  [
    'a name of a megabyte',
    reading('core_c', 99, { kind: 'gpu', id: 'x'.repeat(1 << 20) }),
    'unknown_level',
  ],
];

/** Times that cannot be, with the reason; what is read is possible but for them. */
const displaced: readonly (readonly [string, number, string])[] = [
  ['an hour ahead', hourMs, 'from_the_future'],
  ['a year ahead', 8_760 * hourMs, 'from_the_future'],
  ['an hour behind', -hourMs, 'too_old'],
  ['before all time', -2 * startMs, 'too_old'],
  ['no number', Number.NaN, 'from_the_future'],
];

describe('bad telemetry over gRPC never reaches a decision', () => {
  const attack = (messages: readonly ReportTelemetryRequestInput[]) =>
    pair.attacked.report(messages);

  it.each(impossible)('%s', async (_, bad, reason) => {
    await tick();
    for (const source of ['stranger', 'sound']) {
      const answer = await attack([
        { source, atMs: pair.attacked.clock.nowMs() + 1, readings: [bad] },
      ]);
      expect(answer).toMatchObject({ accepted: 0, quarantined: { [reason]: 1 } });
      expect(answer.examples[0]?.message.length).toBeGreaterThan(10);
      expect(answer.examples[0]?.message.length).toBeLessThan(200);
    }
    await expectSame();
    await tick();
    await expectSame();
  });

  it.each(displaced)('a clock that is %s', async (_, byMs, reason) => {
    await tick();
    const atMs = pair.attacked.clock.nowMs() + byMs;
    const bad = [reading('core_c', 99), reading('power_w', 690)];
    expect(await attack([{ source: 'stranger', atMs, readings: bad }])).toMatchObject({
      ...{ accepted: 0, quarantined: { [reason]: 2 } },
    });
    await expectSame();
  });

  it('reports that come twice, and with another value', async () => {
    await tick();
    const atMs = pair.attacked.clock.nowMs();
    const again = [...soundReadings(second), reading('core_c', 99)];
    const answer = await attack([{ source: 'sound', atMs, readings: again }]);
    expect(answer).toMatchObject({ accepted: 0, quarantined: { duplicate: again.length } });
    await expectSame();
  });

  it('reports in another order', async () => {
    await tick();
    await tick();
    const readings = [reading('core_c', 99), reading('power_w', 690)];
    const atMs = pair.attacked.clock.nowMs();
    const answer = await attack([
      { source: 'sound', atMs: atMs - 500, readings },
      { source: 'sound', atMs: atMs - 1_500, readings },
      { source: 'stranger', atMs: atMs - 700, readings },
    ]);
    expect(answer).toMatchObject({ accepted: 0, quarantined: { reordered: 4, superseded: 2 } });
    await expectSame();
  });

  it('a flood, of which nothing is kept but counts', async () => {
    await tick();
    const points = Number(process.env['ISOTHERM_TEST_POINTS'] ?? 100_000);
    const began = process.memoryUsage().heapUsed;
    const beganMs = performance.now();
    let highest = began;
    const perMessage = 5_000;
    const messages = function* (): Generator<ReportTelemetryRequestInput> {
      for (let sent = 0; sent < points; sent += perMessage) {
        const readings = Array.from({ length: perMessage }, (_, at) => badOf(sent + at));
        highest = Math.max(highest, process.memoryUsage().heapUsed);
        yield { source: 'flood', atMs: pair.attacked.clock.nowMs() + 1, readings };
      }
    };
    const slots = pair.attacked.keeper.book.size;
    const answer = await pair.attacked.report(messages());
    expect(answer.accepted).toBe(0);
    const aside = Object.values(answer.quarantined).reduce<number>((sum, n) => sum + n, 0);
    expect(aside).toBe(points);
    expect(pair.attacked.keeper.book.size).toBe(slots);
    expect(pair.attacked.keeper.intake.sources().map(({ name }) => name)).toEqual([
      'sound',
      'flood',
    ]);
    await expectSame();
    await tick();
    await expectSame();
    const took = (performance.now() - beganMs) / 1000;
    if (process.env['ISOTHERM_TEST_POINTS'] !== undefined) {
      const megabytes = (bytes: number): string => `${Math.round(bytes / 2 ** 20)} MiB`;
      const heap = `heap ${megabytes(began)} before, ${megabytes(highest)} at the most`;
      process.stderr.write(`${points} points in ${took.toFixed(1)} s; ${heap}, client and all\n`);
    }
  }, 600_000);

  it('a thousand strangers, of which no more than a bounded number are remembered', async () => {
    await tick();
    await attack(
      Array.from({ length: 1_000 }, (_, at) => ({
        ...{ source: `stranger-${at}`, readings: [reading('core_c', Number.NaN)] },
      })),
    );
    expect(pair.attacked.keeper.intake.sources().length).toBeLessThanOrEqual(256);
    await tick();
    await expectSame();
  });

  it('the clock of this machine jumping back: what is from later is known no more', async () => {
    await tick();
    pair.attacked.clock.advance(hourMs);
    await pair.attacked.report([
      { source: 'sound', atMs: pair.attacked.clock.nowMs(), readings: [...soundReadings(second)] },
    ]);
    pair.attacked.keeper.round();
    pair.attacked.clock.advance(-hourMs);
    pair.attacked.keeper.round();
    // As if nothing had been heard for an hour, which may be so.
    const { instances } = await pair.attacked.headroom();
    expect(instances.map(({ conservative }) => conservative)).toEqual([true, true]);
    await tick();
    pair.attacked.keeper.round();
    const after = await pair.attacked.headroom();
    expect(after.instances.map(({ conservative }) => conservative)).toEqual([false, false]);
    const room = await pair.attacked.room();
    expect(room.servers[0]?.gpus[0]?.coreC).toBe(
      (await pair.sound.room()).servers[0]?.gpus[0]?.coreC,
    );
  });
});

/** Bad in turn in every way that there is. */
const badOf = (index: number): ReadingInput =>
  impossible[index % (impossible.length - 1)]?.[1] ?? { quantity: '', value: 0 };

describe('bad telemetry through an adapter never reaches a decision', () => {
  let folder: string;
  const closes: (() => Promise<void>)[] = [];
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'isotherm-bad-'));
  });
  afterEach(async () => {
    for (const close of closes.splice(0)) await close();
    await rm(folder, { recursive: true });
  });
  const write = async (files: Readonly<Record<string, string>>): Promise<void> => {
    for (const [path, text] of Object.entries(files)) {
      await mkdir(join(folder, path, '..'), { recursive: true });
      await writeFile(join(folder, path), text);
    }
  };

  /** What each adapter is fed, and what its reasons are; `odd`: possible but for its time. */
  type Make = (
    isOdd: boolean,
    clock: ManualClock,
  ) => Promise<(signal: AbortSignal) => Promise<Look>>;

  const dcgm: Make = async (isOdd) => {
    const line = (field: string, value: string, index = '0', host = server): string =>
      `DCGM_FI_DEV_${field}{gpu="${index}",UUID="u",Hostname="${host}"} ${value}\n`;
    const text = isOdd
      ? line('GPU_TEMP', '99') + line('POWER_USAGE', '690')
      : [
          ...[line('GPU_TEMP', 'NaN'), line('MEMORY_TEMP', '1e9'), line('POWER_USAGE', '-5')],
          ...[line('CLOCKS_EVENT_REASONS', '-1'), line('GPU_TEMP', '99', '77')],
          ...[line('GPU_TEMP', '99', '0', 'elsewhere'), line('GPU_UTIL', '+Inf'), 'oops{\n'],
        ].join('');
    const exporter = createServer((_, response) => response.end(text));
    await new Promise<void>((resolve) => exporter.listen(0, '127.0.0.1', resolve));
    closes.push(async () => {
      exporter.closeAllConnections();
      await new Promise((resolve) => exporter.close(resolve));
    });
    const url = new URL(`http://127.0.0.1:${(exporter.address() as AddressInfo).port}`);
    const mapping = { servers: new Map(), gpus: new Map(), server: undefined };
    return dcgmLook(url, mapping, httpReader(100_000));
  };

  const redfish: Make = async (isOdd) => {
    const standIn = await startRedfishStandIn();
    closes.push(() => standIn.close());
    const { resources } = standIn;
    const [inlet, watts, core] = isOdd ? [60, 9_000, 99] : [1e9, -4_000, 'hot'];
    resources['/redfish/v1/Chassis/Tray/ThermalSubsystem/ThermalMetrics'] = {
      TemperatureSummaryCelsius: { Intake: { Reading: inlet } },
    };
    resources['/redfish/v1/Chassis/Tray/EnvironmentMetrics'] = { PowerWatts: { Reading: watts } };
    for (const id of ['GPU_2', 'GPU_10']) {
      const path = `/redfish/v1/Systems/S1/Processors/${id}`;
      resources[`${path}/EnvironmentMetrics`] = { TemperatureCelsius: { Reading: core } };
      resources[`${path}/ProcessorMetrics`] = { ThrottlingCelsius: isOdd ? 1 : -1e9 };
    }
    const client = redfishClient(
      standIn.url,
      { kind: 'basic', ...standInUser },
      httpReader(100_000),
    );
    return redfishLook(client, {
      ...{
        target: { level: 'server', id: server },
        chassis: [],
        gpus: new Map([['GPU_10', isOdd ? 1 : 77]]),
      },
      ...{ requestsMax: 64, parallelMax: 4 },
    });
  };

  const nvidiaSmi: Make = async (isOdd) => {
    const rows = isOdd
      ? '0, 99, 1, 99, 690.00 W, 100 %, 100 %, 300 MHz, 0x0000000000000060'
      : '0, 1000000000, nan, 0x7f, -12.00 W, 900 %, -1 %, 1e9 MHz, -1\\n77, 99, 1, 99, 690 W, 9 %, 9 %, 9 MHz, 0x1\\noops';
    await write({ smi: `#!/bin/sh\nprintf '${rows.replaceAll('%', '%%')}\\n'\n` });
    await chmod(join(folder, 'smi'), 0o755);
    return smiLook([join(folder, 'smi')], server);
  };

  const hwmon: Make = async (isOdd) => {
    const [power, inlet, core] = isOdd
      ? ['9000000000', '60000', '99000']
      : ['-4000000', '1000000000000', 'ERR'];
    await write({
      ...{ 'class/hwmon/hwmon0/name': 'power_meter', 'class/hwmon/hwmon0/power1_average': power },
      ...{ 'class/hwmon/hwmon1/name': 'board', 'class/hwmon/hwmon1/temp1_label': 'Inlet' },
      'class/hwmon/hwmon1/temp1_input': inlet,
      ...{ 'class/hwmon/hwmon2/name': 'amdgpu', 'class/hwmon/hwmon2/temp2_label': 'junction' },
      'class/hwmon/hwmon2/temp2_input': core,
    });
    return hwmonLook(folder, server, []);
  };

  const rapl: Make = async (isOdd, clock) => {
    const counter = (energyUj: string) =>
      write({
        ...{ 'class/powercap/intel-rapl:0/name': 'package-0' },
        'class/powercap/intel-rapl:0/energy_uj': energyUj,
        'class/powercap/intel-rapl:0/max_energy_range_uj': '262143328850',
      });
    const look = raplLook(folder, server, { kind: 'gpus' }, clock);
    await counter('0');
    await look(new AbortController().signal);
    clock.advance(1_000);
    await counter(isOdd ? '690000000' : '99999999999999999');
    return look;
  };

  const instances: Make = (isOdd, clock) => {
    const at = (place: string, powerW: number) =>
      ({ place: parsePlace(place), load: { powerW, atMs: clock.nowMs() } }) as PlacedInstance;
    const odd = [at(`${server}/0`, 690)];
    const bad = [at(`${server}/0`, Number.NaN), at(`${server}/1`, -5), at(`${server}/2`, 1e9)];
    const told = [...bad, at('elsewhere/0', 300)];
    return Promise.resolve(
      instancePowerLook(
        () => (isOdd ? odd : told),
        () => clock.nowMs(),
        hourMs * 1e6,
      ),
    );
  };

  const adapters: readonly (readonly [SourceKind, Make])[] = [
    ...([
      ['dcgm', dcgm],
      ['redfish', redfish],
      ['nvidia_smi', nvidiaSmi],
    ] as const),
    ...([
      ['hwmon', hwmon],
      ['rapl', rapl],
      ['instances', instances],
    ] as const),
  ];

  /**
   * Lets a source look once, as it does in the service, on a clock that is as wrong as is told: a little ahead at least,
   * so that it is not set aside for being no later than what is sound.
   */
  const lookOnce = async (kind: SourceKind, make: Make, isOdd: boolean, byMs = 1) => {
    const { keeper, clock } = pair.attacked;
    const own: ManualClock = { ...clock, nowMs: () => clock.nowMs() + byMs };
    const looked = deferred<undefined>();
    const rest: Rest = (_, signal) => {
      looked.resolve(undefined);
      return new Promise((resolve) => signal.addEventListener('abort', () => resolve()));
    };
    const still: ManualClock = { ...own, advance: () => undefined };
    const look = await make(isOdd, kind === 'rapl' ? freeClock() : still);
    const options = { name: kind, kind, everyMs: 1_000, timeoutMs: 60_000, backoffMsMax: 1_000 };
    const running = runSources(
      [pollingSource({ ...options, look }, own, rest)],
      keeper.intake,
      silentLogger(),
    );
    await looked.promise;
    await running.close();
    return keeper.intake.sources().find(({ name }) => name === kind);
  };

  it.each(adapters)('%s: values that cannot be', async (kind, make) => {
    await tick();
    const source = await lookOnce(kind, make, false);
    expect(source).toMatchObject({ kind, accepted: 0 });
    expect(source?.quarantined.size).toBeGreaterThan(0);
    expect(source?.quarantined.has('superseded')).toBe(false);
    expect(source?.problem).toMatch(/^Nothing of it counts|not understood|no rows/);
    await expectSame();
    await tick();
    await expectSame();
  });

  it.each(
    adapters.flatMap(([kind, make]) =>
      displaced.slice(0, 3).map(([at, byMs]) => ({ kind, at, byMs, make })),
    ),
  )('$kind: a clock that is $at', async ({ kind, make, byMs }) => {
    await tick();
    const source = await lookOnce(kind, make, true, byMs);
    expect(source?.accepted).toBe(0);
    const reason = byMs > 0 ? 'from_the_future' : 'too_old';
    expect([...(source?.quarantined.keys() ?? [])]).toEqual([reason]);
    await expectSame();
  });
});

/** A clock for what measures by itself. */
const freeClock = (): ManualClock => {
  let nowMs = 0;
  return {
    nowMs: () => nowMs,
    monotonicMs: () => nowMs,
    advance: (ms) => {
      nowMs += ms;
    },
  };
};

describe('a topology that cannot be', () => {
  it.each([
    ['contains itself', 'name: x\naisles: &a [*a]', 'contains itself'],
    ['contains itself far below', 'rows: &r\n  - racks: [{ servers: *r }]', 'contains itself'],
    ['is fed by what is not there', 'rows: [{ id: r1, aisle: a9, ups: u9 }]', 'a9'],
    ['has the same server twice', 'rows: [{ id: r1 }, { id: r1 }]', 'r1'],
    ['is no object', '- 1', 'must be an object'],
  ])('is refused with its places: %s', (_, text, message) => {
    expect(() => planOf(text, 'room.yaml')).toThrow(message);
  });
});
