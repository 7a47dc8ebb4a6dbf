import { execFile, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  type FakeInstance,
  headroomUntil,
  startFakeInstance,
  startUnderTest,
  type ThermalUnderTest,
} from './testing/thermal-under-test.ts';

const python = '/usr/bin/python3';
const script = join(import.meta.dirname, '..', '..', '..', 'test', 'foreign', 'thermal.py');
const clientMsMax = 120_000;

const hasGrpc = (): boolean =>
  spawnSync(python, ['-c', 'import grpc, google.protobuf'], { timeout: 30_000 }).status === 0;

describe('a foreign client of the thermal service', () => {
  if (!hasGrpc()) {
    it.skip('NOT TESTED: python3-grpcio is not there', () => {});
    return;
  }
  let thermal: ThermalUnderTest;
  let instance: FakeInstance;
  beforeAll(async () => {
    thermal = await startUnderTest();
    const where = { id: 'decode-1', stage: 'decode', place: 'r1-k1-s1/0,1,2,3' } as const;
    instance = await startFakeInstance(thermal.fabric, where);
    await headroomUntil(thermal.client, ({ instances }) => instances.length > 0);
  });
  afterAll(async () => {
    await instance.close();
    await thermal.close();
  });

  it(
    'uses every call by reflection alone, and gets real values',
    async () => {
      const run = promisify(execFile);
      const { stdout } = await run(python, [script, thermal.address], { timeout: clientMsMax });
      expect(JSON.parse(stdout)).toEqual({
        health: 1,
        services: ['grpc.health.v1.Health', 'isotherm.thermal.v1.ThermalService'],
        telemetry: [
          2,
          { impossible: 1, not_finite: 1, unknown_level: 1 },
          ['impossible', 'not_finite', 'unknown_level'],
        ],
        headroom: {
          ...{ whole: true, instance: 'decode-1', place: 'r1-k1-s1/0,1,2,3', bounded: true },
          ...{ horizons: [0, 10, 60, 600], kelvin: true },
          binding: expect.stringMatching(/^(row|aisle|ups)$/),
        },
        room: {
          ...{ name: 'example', kind: 'virtual', servers: 8, gpus: 64, warm: true, drawing: true },
          levels: ['aisle', 'rack', 'row', 'ups'],
        },
        whatIf: true,
        emergency: [true, true, true],
        plan: [[expect.stringMatching(/^r\d-k1-s\d\/0,1,2,3,4,5,6,7$/)], true, []],
        status: {
          state: 'serving',
          sources: { room: ['room', 'ok'], python: ['reported', 'ok'] },
          levers: { place: true, route: true, reconfigure: true },
        },
        history: true,
        refusals: [
          ['PredictWhatIf', 'INVALID_ARGUMENT', 'loads[0].place'],
          ['DeclareEmergency', 'INVALID_ARGUMENT', 'emergency'],
          ['DeclareEmergency', 'INVALID_ARGUMENT', 'emergency.kind'],
          ['ClearEmergency', 'NOT_FOUND', null],
          ['Plan', 'INVALID_ARGUMENT', 'what'],
          ['GetHistory', 'INVALID_ARGUMENT', 'of.kind'],
        ],
      });
    },
    clientMsMax,
  );
});
