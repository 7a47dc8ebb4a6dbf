import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type {
  DeclareEmergencyResponse,
  GetHistoryResponse,
  GetRoomResponse,
  PlanResponse,
  PredictWhatIfResponse,
  ReportTelemetryRequestInput,
  ReportTelemetryResponse,
  ThermalGetStatusResponse,
} from '@isotherm/proto';
import { callUnary, faultOf } from '@isotherm/rpc';
import { memoryHistory } from './history/store.ts';
import {
  type FakeInstance,
  headroomUntil,
  smallRoom,
  startFakeInstance,
  startUnderTest,
  type ThermalUnderTest,
} from './testing/thermal-under-test.ts';

describe('the thermal service', () => {
  let thermal: ThermalUnderTest;
  let instance: FakeInstance;
  beforeAll(async () => {
    thermal = await startUnderTest();
    instance = await startFakeInstance(thermal.fabric, {
      ...{ id: 'decode-1', stage: 'decode', place: 'r1-k1-s1/0,1,2,3' },
    });
  });
  afterAll(async () => {
    await instance.close();
    await thermal.close();
  });

  const report = (messages: readonly ReportTelemetryRequestInput[]) =>
    new Promise<ReportTelemetryResponse>((resolve, reject) => {
      const call = thermal.client.reportTelemetry((error, answer) =>
        error === null && answer !== undefined ? resolve(answer) : reject(faultOf(error)),
      );
      for (const message of messages) call.write(message);
      call.end();
    });
  const status = () =>
    callUnary<ThermalGetStatusResponse>((done) => thermal.client.getStatus({}, done));

  it('is found in the registry', async () => {
    expect(await thermal.fabric.thermals.list()).toMatchObject([
      { address: thermal.address, state: 'serving' },
    ]);
  });

  it('streams real headroom of an instance that works', async () => {
    const message = await headroomUntil(thermal.client, ({ instances }) =>
      instances.some(({ horizons }) => (horizons[0]?.coreK ?? 99) < 50),
    );
    expect(message.timeScale).toBe(20);
    const [own] = message.instances;
    expect(own).toMatchObject({
      ...{ instanceId: 'decode-1', place: 'r1-k1-s1/0,1,2,3', conservative: false },
      binding: { kind: expect.stringMatching(/^(row|aisle|ups)$/) },
    });
    expect(own?.horizons.map(({ afterS }) => afterS)).toEqual([0, 10, 60, 600]);
    for (const { coreK, memoryK, powerW } of own?.horizons ?? []) {
      expect(coreK).toBeGreaterThan(10);
      expect(memoryK).toBeGreaterThan(5);
      expect(powerW).toBeGreaterThan(0);
    }
    for (const share of [own?.powerShare, own?.coreShare, own?.memoryShare]) {
      expect(share).toBeGreaterThan(0);
      expect(share).toBeLessThan(1);
    }
  });

  it('shows the room with every server, GPU and level', async () => {
    const room = await callUnary<GetRoomResponse>((done) => thermal.client.getRoom({}, done));
    expect(room).toMatchObject({ name: 'example', kind: 'virtual', timeScale: 20 });
    expect(room.servers).toHaveLength(8);
    const server = room.servers.find(({ id }) => id === 'r1-k1-s1');
    expect(server).toMatchObject({
      class: 'dgx-h100',
      tenant: 'adjustable',
      instanceIds: ['decode-1'],
    });
    expect(server?.gpus).toHaveLength(8);
    const [busy, idle] = [server?.gpus[0], server?.gpus[7]];
    expect(busy?.powerW).toBeGreaterThan((idle?.powerW ?? 0) + 100);
    expect(busy?.corePredictedC).toHaveLength(3);
    expect(new Set(room.levels.map(({ level }) => level?.kind))).toEqual(
      new Set(['rack', 'row', 'ups', 'aisle']),
    );
    const row = room.levels.find(({ level }) => level?.id === 'r1');
    const racks = room.levels.filter(({ parent }) => parent?.id === 'r1');
    const sum = racks.reduce((all, { used }) => all + used, 0);
    expect(row?.used).toBeGreaterThan(3_000);
    expect(Math.abs((row?.used ?? 0) - sum)).toBeLessThan(1);
  });

  it('supposes without changing anything', async () => {
    const { rooms } = await callUnary<PredictWhatIfResponse>((done) =>
      thermal.client.predictWhatIf(
        {
          loads: [{ place: 'r1-k1-s1/7', stage: 'prefill', utilisation: 1 }],
          emergencies: [{ kind: 'ups', scope: { kind: 'ups', id: 'u1' } }],
          ...{ outsideC: 40, afterS: [10, 3600] },
        },
        done,
      ),
    );
    expect(rooms.map(({ afterS }) => afterS)).toEqual([10, 3600]);
    const gpu = rooms[1]?.servers.find(({ id }) => id === 'r1-k1-s1')?.gpus[7];
    expect(gpu?.powerW).toBeGreaterThan(600);
    expect(gpu?.coreC).toBeGreaterThan(60);
    const ups = rooms[0]?.levels.find(({ level }) => level?.id === 'u1');
    expect(ups).toMatchObject({ state: 'tripped', limit: 0 });
    expect((await status()).emergencies).toEqual([]);
  });

  it.each([
    [
      'a place that is none',
      { loads: [{ place: 'nowhere/0', stage: 'decode' }] },
      'loads[0].place',
    ],
    ['times that fall', { afterS: [60, 10] }, 'after_s'],
    ['the sun', { outsideC: 5000 }, 'outside_c'],
  ])('refuses to suppose %s', async (_, request, param) => {
    const asked = callUnary((done) => thermal.client.predictWhatIf(request, done));
    await expect(asked).rejects.toMatchObject({ code: 'invalid_argument', param });
  });

  it('declares an emergency, which takes headroom at once, and clears it', async () => {
    const scope = { kind: 'aisle', id: 'a1' };
    const { emergency } = await callUnary<DeclareEmergencyResponse>((done) =>
      thermal.client.declareEmergency(
        { emergency: { kind: 'cooling', scope, toShare: 0.65 } },
        done,
      ),
    );
    expect(emergency).toMatchObject({ id: 'emergency-1', kind: 'cooling', scope });
    const { instances } = await headroomUntil(thermal.client, (message) =>
      message.instances.some(({ powerShare }) => powerShare === 0),
    );
    expect(instances[0]?.binding).toEqual(scope);
    // The plan may come first, by which it is to get no work at all.
    expect(instances[0]?.reason).toMatch(/aisle a1|gets no work in an emergency/);
    const { emergencies } = await status();
    expect(emergencies).toMatchObject([{ id: 'emergency-1' }]);
    await callUnary((done) => thermal.client.clearEmergency({ id: 'emergency-1' }, done));
    await headroomUntil(thermal.client, (message) =>
      message.instances.some(({ powerShare }) => powerShare > 0),
    );
    const again = callUnary((done) => thermal.client.clearEmergency({ id: 'emergency-1' }, done));
    await expect(again).rejects.toMatchObject({ code: 'not_found' });
  });

  it('places work where there is room, and holds what it was asked to hold', async () => {
    const place = { stage: 'prefill', gpus: 8, count: 2 };
    const plan = (apply: boolean) =>
      callUnary<PlanResponse>((done) => thermal.client.plan({ place, apply }, done));
    const first = await plan(true);
    expect(new Set(first.places).size).toBe(2);
    expect(first.places.every((each) => /^r\d-k\d-s\d\/0,1,2,3,4,5,6,7$/.test(each))).toBe(true);
    expect(first.notes.length).toBeGreaterThan(0);
    const second = await plan(false);
    expect(second.places.some((each) => first.places.includes(each))).toBe(false);
    const none = callUnary((done) =>
      thermal.client.plan({ place: { stage: 'think', gpus: 1 } }, done),
    );
    await expect(none).rejects.toMatchObject({ code: 'invalid_argument', param: 'place.stage' });
  });

  it('takes telemetry and says what it put aside', async () => {
    const gpu = { kind: 'gpu', id: 'r1-k1-s1/0' };
    const answer = await report([
      {
        source: 'bench',
        readings: [
          { of: { kind: 'server', id: 'r1-k1-s1' }, quantity: 'exhaust_c', value: 35 },
          { of: gpu, quantity: 'power_w', value: -1 },
          { of: gpu, quantity: 'core_c', value: Number.NaN },
          { of: { kind: 'gpu', id: 'r9/0' }, quantity: 'core_c', value: 50 },
        ],
      },
      { atMs: Date.now() + 3_600_000, readings: [{ of: gpu, quantity: 'core_c', value: 50 }] },
    ]);
    expect(answer.accepted).toBe(1);
    expect(answer.quarantined).toEqual({
      ...{ impossible: 1, not_finite: 1, unknown_level: 1, from_the_future: 1 },
    });
    expect(answer.examples.map(({ reason }) => reason)).toContain('impossible');
    const { sources } = await status();
    expect(sources.find(({ name }) => name === 'bench')).toMatchObject({
      kind: 'reported',
      accepted: 1,
    });
  });

  it.each([
    ['that names no source', [{ readings: [] }]],
    ['that names it badly', [{ source: 'a b' }]],
    ['that is empty', []],
  ])('refuses a stream %s', async (_, messages) => {
    await expect(report(messages)).rejects.toMatchObject({
      code: 'invalid_argument',
      param: 'source',
    });
  });

  it('remembers', async () => {
    const of = { kind: 'gpu', id: 'r1-k1-s1/0' };
    const ask = (request: { of?: typeof of; quantity: string; pointsMax?: number }) =>
      callUnary<GetHistoryResponse>((done) => thermal.client.getHistory(request, done));
    const { points } = await ask({ of, quantity: 'core_c' });
    expect(points.length).toBeGreaterThan(0);
    for (const { min, mean, max, count } of points) {
      expect(min).toBeLessThanOrEqual(mean);
      expect(mean).toBeLessThanOrEqual(max);
      expect(count).toBeGreaterThan(0);
    }
    await expect(ask({ of, quantity: 'mood' })).rejects.toMatchObject({ param: 'quantity' });
    await expect(ask({ of, quantity: 'utilisation' })).rejects.toMatchObject({ code: 'not_found' });
  });

  it('serves metrics with the names of the field', async () => {
    const text = await (await fetch(`http://${thermal.service.facts['metrics']}/metrics`)).text();
    const samples = text.split('\n').filter((line) => !line.startsWith('#'));
    const has = (begin: string) => samples.some((line) => line.startsWith(begin));
    expect(has('isotherm_thermal_headroom_watts{instance="decode-1",after_s="60"} ')).toBe(true);
    expect(has('DCGM_FI_DEV_GPU_TEMP{gpu="0",UUID="r1-k1-s1/0",')).toBe(true);
    expect(has('isotherm_thermal_readings_accepted_total{source="room",kind="room"} ')).toBe(true);
    expect((await fetch(`http://${thermal.service.facts['metrics']}/`)).status).toBe(404);
  });
});

describe('a thermal service that is started again', () => {
  it('still has the emergencies that were declared before', async () => {
    const rings = memoryHistory();
    const store = { ...rings, close: () => undefined };
    const declared = (thermal: ThermalUnderTest) =>
      callUnary<GetRoomResponse>((done) => thermal.client.getRoom({}, done));
    const first = await startUnderTest({}, smallRoom, store);
    const emergency = { kind: 'ups', scope: { kind: 'ups', id: 'u1' } };
    await callUnary((done) => first.client.declareEmergency({ emergency }, done));
    await first.close();

    const second = await startUnderTest({}, smallRoom, store);
    const { emergencies, levels } = await declared(second);
    expect(emergencies).toMatchObject([{ id: 'emergency-1', ...emergency }]);
    expect(levels.find(({ level }) => level?.id === 'u1')).toMatchObject({ limit: 0 });
    await callUnary((done) => second.client.clearEmergency({}, done));
    await second.close();

    const third = await startUnderTest({}, smallRoom, store);
    expect((await declared(third)).emergencies).toEqual([]);
    await third.close();
  }, 60_000);
});
