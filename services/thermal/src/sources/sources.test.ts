import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { GetRoomResponse, SourceStatus, ThermalGetStatusResponse } from '@isotherm/proto';
import { callUnary } from '@isotherm/rpc';
import { startUnderTest, type ThermalUnderTest } from '../testing/thermal-under-test.ts';
import {
  type RedfishStandIn,
  standInUser,
  startRedfishStandIn,
} from './redfish/testing/redfish-stand-in.ts';

/** Asks again until it is so, with a pause that leaves others the machine. */
const until = async <T>(ask: () => Promise<T>, isSo: (answer: T) => boolean): Promise<T> => {
  for (;;) {
    const answer = await ask();
    if (isSo(answer)) return answer;
    await pause(25);
  }
};

/** A busy machine must not look like a source that is late. */
const patient = (source: object): object => ({ timeout_ms: 60_000, ...source });

describe('a real room that is read through adapters', () => {
  let folder: string;
  const closes: (() => Promise<void>)[] = [];
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'isotherm-real-'));
  });
  afterEach(async () => {
    for (const close of closes.splice(0).toReversed()) await close();
    await rm(folder, { recursive: true });
  });

  const startReal = async (sources: readonly object[]): Promise<ThermalUnderTest> => {
    const file = join(folder, 'sources.yaml');
    await writeFile(file, JSON.stringify({ sources: sources.map(patient) }));
    const environment = { ISOTHERM_ROOM_VIRTUAL: 'false', ISOTHERM_SOURCES: file };
    const real = await startUnderTest({ ...environment, ISOTHERM_TELEMETRY_STALE_MS: '1500' });
    closes.push(() => real.close());
    return real;
  };
  const startStandIn = async (): Promise<RedfishStandIn> => {
    const standIn = await startRedfishStandIn();
    closes.push(() => standIn.close());
    return standIn;
  };
  const roomOf = ({ client }: ThermalUnderTest) =>
    callUnary<GetRoomResponse>((done) => client.getRoom({}, done));
  const sourceOf = async ({ client }: ThermalUnderTest, name: string) => {
    const { sources } = await callUnary<ThermalGetStatusResponse>((done) =>
      client.getStatus({}, done),
    );
    return sources.find((each) => each.name === name);
  };
  const stateOf = (real: ThermalUnderTest, name: string, state: string) =>
    until<SourceStatus | undefined>(
      () => sourceOf(real, name),
      (source) => source?.state === state,
    );

  it("is seen by another room's exporter, and by its controller, and doubted when they are gone", async () => {
    const virtual = await startUnderTest();
    let isGone = false;
    closes.push(() => (isGone ? Promise.resolve() : virtual.close()));
    const standIn = await startStandIn();
    const real = await startReal([
      {
        ...{ name: 'exporter', kind: 'dcgm', every_ms: 100, backoff_ms_max: 100 },
        url: `http://${virtual.service.facts['metrics']}/metrics`,
      },
      {
        ...{ name: 'bmc', kind: 'redfish', every_ms: 100, server: 'r1-k1-s1' },
        url: standIn.url.href,
        auth: { kind: 'session', user: standInUser.user, password_file: await passwordFile() },
      },
    ]);
    await stateOf(real, 'exporter', 'ok');
    await stateOf(real, 'bmc', 'ok');
    const room = await until(
      () => roomOf(real),
      ({ servers }) => servers.find(({ id }) => id === 'r1-k1-s1')?.inletC === 24.5,
    );
    const server = room.servers.find(({ id }) => id === 'r2-k1-s2');
    expect(server?.gpus).toHaveLength(8);
    for (const { coreC, powerW } of server?.gpus ?? []) {
      expect(coreC).toBeGreaterThan(15);
      expect(coreC).toBeLessThan(90);
      expect(powerW).toBeGreaterThan(50);
    }
    await virtual.close();
    isGone = true;
    const failing = await stateOf(real, 'exporter', 'failing');
    expect(failing?.problem).toMatch(/ECONNREFUSED|hang up|ECONNRESET/);
    expect(await sourceOf(real, 'bmc')).toMatchObject({ state: 'ok', problem: '' });
    // Nobody tells what they draw any more: they may draw all that they can.
    await until(
      () => roomOf(real),
      ({ servers }) =>
        servers.find(({ id }) => id === 'r2-k1-s2')?.gpus.every(({ powerW }) => powerW === 700) ===
        true,
    );
  }, 60_000);

  const passwordFile = async (): Promise<string> => {
    const path = join(folder, 'password');
    await writeFile(path, `${standInUser.password}\n`);
    return path;
  };

  it('shows a source that was never heard as absent or failing, with a sentence and without secrets', async () => {
    const standIn = await startStandIn();
    const password = join(folder, 'password');
    await writeFile(password, 'wrong-word\n');
    const real = await startReal([
      {
        ...{ name: 'bmc', kind: 'redfish', server: 'r1-k1-s1', url: standIn.url.href },
        auth: { kind: 'basic', user: 'monitor', password_file: password },
      },
      { name: 'nothing', kind: 'hwmon', server: 'r1-k1-s1', root: folder },
      { name: 'power', kind: 'rapl', server: 'r1-k1-s1', root: folder },
      { name: 'smi', kind: 'nvidia_smi', server: 'r1-k1-s2', command: [join(folder, 'no-smi')] },
      { name: 'instances', kind: 'instances' },
    ]);
    const problems = {
      bmc: 'answers 401 (user or password)',
      nothing: 'has no sensors',
      power: 'has no intel-rapl domains',
      smi: 'ENOENT',
      instances: 'No instance with a place says what it draws.',
    };
    for (const [name, problem] of Object.entries(problems)) {
      const source = await stateOf(real, name, 'failing');
      expect(source?.problem).toContain(problem);
      expect(source?.problem).not.toContain('wrong-word');
    }
    const metrics = await fetch(`http://${real.service.facts['metrics']}/metrics`);
    const text = await metrics.text();
    expect(text).toContain('isotherm_thermal_source_failing{source="smi",kind="nvidia_smi"} 1');
  }, 60_000);

  it('says of a source why nothing of it counts', async () => {
    const standIn = await startStandIn();
    standIn.resources['/redfish/v1/Systems'] = {};
    standIn.resources['/redfish/v1/Chassis/Tray/EnvironmentMetrics'] = {};
    standIn.resources['/redfish/v1/Chassis/Tray/ThermalSubsystem/ThermalMetrics'] = {
      TemperatureSummaryCelsius: { Intake: { Reading: 1e9 } },
    };
    const real = await startReal([
      {
        ...{ name: 'bmc', kind: 'redfish', server: 'r1-k1-s1', url: standIn.url.href },
        auth: { kind: 'basic', user: standInUser.user, password_file: await passwordFile() },
      },
    ]);
    const source = await stateOf(real, 'bmc', 'failing');
    expect(source?.problem).toMatch(
      /^Nothing of it counts \(1 impossible\): inlet_c of a server is/,
    );
    expect(Number(source?.quarantined['impossible'])).toBeGreaterThan(0);
  }, 60_000);
});
