import { afterEach, describe, expect, it } from '@jest/globals';
import { httpReader } from '../http/http-reader.ts';
import { type RedfishAuth, redfishClient } from './redfish-client.ts';
import { type RedfishOptions, redfishLook } from './redfish-source.ts';
import {
  type RedfishStandIn,
  standInUser,
  startRedfishStandIn,
} from './testing/redfish-stand-in.ts';

const still = new AbortController().signal;
const basic: RedfishAuth = { kind: 'basic', ...standInUser };
const session: RedfishAuth = { kind: 'session', ...standInUser };

describe('a Redfish controller', () => {
  let standIn: RedfishStandIn | undefined;
  afterEach(async () => {
    await standIn?.close();
  });

  const open = async (
    { auth = basic, ...given }: Partial<RedfishOptions> & { auth?: RedfishAuth } = {},
    resources?: Record<string, unknown>,
  ) => {
    standIn = await startRedfishStandIn(resources);
    const client = redfishClient(standIn.url, auth, httpReader(100_000));
    const look = redfishLook(client, {
      ...{ target: { level: 'server', id: 's1' }, chassis: [], gpus: new Map() },
      ...{ requestsMax: 64, parallelMax: 4 },
      ...given,
    });
    return { standIn, client, look };
  };
  const shown = (readings: Awaited<ReturnType<ReturnType<typeof redfishLook>>>['readings']) =>
    readings.map(({ level, id, quantity, value }) => `${level} ${id} ${quantity} ${value}`);

  it('is walked from its chassis and systems, and read in our units', async () => {
    const { look } = await open();
    const { readings, problem } = await look(still);
    expect(problem).toBeUndefined();
    expect(shown(readings)).toEqual([
      'server s1 inlet_c 24.5',
      'server s1 exhaust_c 43.5',
      'server s1 airflow_m3s 0.5',
      'server s1 power_w 6200',
      'server s1 energy_j 7200000',
      'server s1 fan_share 0.65',
      'gpu s1/0 core_c 61',
      'gpu s1/0 power_w 512',
      'gpu s1/0 energy_j 9000',
      'gpu s1/0 core_margin_c 26',
      'gpu s1/0 clock_mhz 1980',
      'gpu s1/0 throttle_reasons 4',
      'gpu s1/1 core_c 55',
      'gpu s1/1 power_w 512',
      'gpu s1/1 energy_j 9000',
      'gpu s1/1 core_margin_c 32',
      'gpu s1/1 clock_mhz 1980',
      'gpu s1/1 throttle_reasons 4',
    ]);
  });

  it('is walked once, and then only read', async () => {
    const { standIn: own, look } = await open();
    await look(still);
    own.requests.length = 0;
    await look(still);
    expect(own.requests).toHaveLength(6);
    expect(own.requests.some((each) => each.endsWith('/Chassis'))).toBe(false);
  });

  it('is walked again after a while, and sooner where it had gaps', async () => {
    const { standIn: own, look } = await open();
    const gpu = '/redfish/v1/Systems/S1/Processors/GPU_2';
    const { [gpu]: kept } = own.resources;
    Reflect.deleteProperty(own.resources, gpu);
    expect(shown((await look(still)).readings)).not.toContain('gpu s1/1 core_c 55');
    own.resources[gpu] = kept;
    let looks = 1;
    while (!shown((await look(still)).readings).includes('gpu s1/1 core_c 55')) looks += 1;
    expect(looks).toBe(30);
  });

  it('tells a throttle by durations that grew', async () => {
    const { standIn: own, look } = await open();
    await look(still);
    const path = '/redfish/v1/Systems/S1/Processors/GPU_2/ProcessorMetrics';
    own.resources[path] = { ThermalLimitThrottleDuration: 'PT10.5S', ThrottlingCelsius: -1 };
    expect(shown((await look(still)).readings)).toContain('gpu s1/0 throttle_reasons 32');
  });

  it('gives GPUs the indices that they were given', async () => {
    const { look } = await open({
      gpus: new Map([
        ['GPU_10', 0],
        ['GPU_2', 7],
      ]),
    });
    expect(shown((await look(still)).readings)).toEqual(
      expect.arrayContaining(['gpu s1/0 core_c 55', 'gpu s1/7 core_c 61']),
    );
  });

  it('is of what feeds servers, too', async () => {
    const { look } = await open({ target: { level: 'row', id: 'r1' } });
    expect(shown((await look(still)).readings)).toEqual([
      'row r1 power_w 6200',
      'row r1 capacity_w 12000',
    ]);
  });

  it('is asked no more than so often in a look, and says what was left out', async () => {
    const { standIn: own, look } = await open({ requestsMax: 12 });
    const { readings, problem } = await look(still);
    expect(own.requests.length).toBeLessThanOrEqual(12);
    expect(readings.length).toBeGreaterThan(0);
    expect(problem).toContain('more than 12 requests in one look');
  });

  it.each([
    ['ThermalSubsystem/ThermalMetrics', 'server s1 power_w 6200'],
    ['EnvironmentMetrics', 'server s1 inlet_c 24.5'],
  ])('says what could not be read beside what could: %s', async (broken, other) => {
    const { standIn: own, look } = await open({ parallelMax: 1 });
    await look(still);
    own.resources[`/redfish/v1/Chassis/Tray/${broken}`] = '{"PowerWatts":';
    const { readings, problem } = await look(still);
    expect(shown(readings)).toContain(other);
    expect(problem).toMatch(/^1 not read; .*Metrics: the answer is no JSON$/);
  });

  it('passes on what is no number as no number', async () => {
    const { standIn: own, look } = await open();
    own.resources['/redfish/v1/Chassis/Tray/EnvironmentMetrics'] = {
      PowerWatts: { Reading: '6200 W' },
    };
    expect(shown((await look(still)).readings)).toContain('server s1 power_w NaN');
  });

  it('is signed into once, again when it has forgotten us, and signed out of', async () => {
    const { standIn: own, client, look } = await open({ auth: session });
    await look(still);
    await look(still);
    const signIns = () => own.requests.filter((each) => each.startsWith('POST')).length;
    expect(signIns()).toBe(1);
    own.forgetSessions();
    expect((await look(still)).problem).toBeUndefined();
    // Once for all of the requests that went side by side: controllers have room for few sessions.
    expect(signIns()).toBe(2);
    await client.close();
    expect(own.requests.at(-1)).toMatch(/^DELETE \/redfish\/v1\/SessionService\/Sessions\/\d+$/);
  });

  it.each<RedfishAuth>([
    { kind: 'basic', user: 'monitor', password: 'wrong-word' },
    { kind: 'session', user: 'monitor', password: 'wrong-word' },
    { kind: 'none' },
  ])('fails without the right words, which it does not repeat: $kind', async (auth) => {
    const { look } = await open({ auth });
    const failed = look(still);
    await expect(failed).rejects.toThrow('answers 401');
    await expect(failed).rejects.not.toThrow('wrong-word');
  });

  it('never sends its words to another server', async () => {
    const { look } = await open(
      {},
      {
        '/redfish/v1/Chassis': { Members: [{ '@odata.id': 'http://127.0.0.1:1/steal' }] },
      },
    );
    await expect(look(still)).rejects.toThrow('links to another server');
  });

  it.each([
    ['nothing', {}],
    ['lists that are none', { '/redfish/v1/Chassis': { Members: 7 }, '/redfish/v1/Systems': [] }],
    ['itself', { '/redfish/v1/Chassis': { Members: [{ '@odata.id': '/redfish/v1/Chassis' }] } }],
  ])('fails with a sentence where it has %s', async (_, resources) => {
    const { look } = await open({}, resources);
    await expect(look(still)).rejects.toThrow(/answers 404|no JSON object|no chassis/);
  });
});
