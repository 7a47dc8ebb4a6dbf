import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const link = (path: string) => ({ '@odata.id': path });
const members = (...paths: readonly string[]) => ({
  'Members@odata.count': paths.length,
  Members: paths.map(link),
});

/** The resources of a server with two GPUs, each of which has a chassis of its own as on NVIDIA's boards. */
export const serverResources = (): Record<string, unknown> => ({
  '/redfish/v1/Chassis': members('/redfish/v1/Chassis/GPU_SXM_1', '/redfish/v1/Chassis/Tray'),
  '/redfish/v1/Chassis/GPU_SXM_1': {
    ChassisType: 'Module',
    EnvironmentMetrics: link('/redfish/v1/Chassis/GPU_SXM_1/EnvironmentMetrics'),
  },
  '/redfish/v1/Chassis/GPU_SXM_1/EnvironmentMetrics': { PowerWatts: { Reading: 500 } },
  '/redfish/v1/Chassis/Tray': {
    ChassisType: 'RackMount',
    ThermalSubsystem: link('/redfish/v1/Chassis/Tray/ThermalSubsystem'),
    PowerSubsystem: link('/redfish/v1/Chassis/Tray/PowerSubsystem'),
    EnvironmentMetrics: link('/redfish/v1/Chassis/Tray/EnvironmentMetrics'),
  },
  '/redfish/v1/Chassis/Tray/ThermalSubsystem': {
    ThermalMetrics: link('/redfish/v1/Chassis/Tray/ThermalSubsystem/ThermalMetrics'),
  },
  '/redfish/v1/Chassis/Tray/ThermalSubsystem/ThermalMetrics': {
    TemperatureSummaryCelsius: { Intake: { Reading: 24.5 }, Exhaust: { Reading: null } },
    TemperatureReadingsCelsius: [
      { DeviceName: 'Rear left', PhysicalContext: 'Exhaust', Reading: 41 },
      { DeviceName: 'Rear right', PhysicalContext: 'Exhaust', Reading: 43.5 },
      { DeviceName: 'CPU 1', PhysicalContext: 'CPU', Reading: 70 },
    ],
    AirFlowCubicMetersPerMinute: { Reading: 30 },
  },
  '/redfish/v1/Chassis/Tray/PowerSubsystem': { CapacityWatts: 12_000 },
  '/redfish/v1/Chassis/Tray/EnvironmentMetrics': {
    PowerWatts: { Reading: 6_200 },
    EnergykWh: { Reading: 2 },
    FanSpeedsPercent: [{ Reading: 60 }, { Reading: 70 }],
  },
  '/redfish/v1/Systems': members('/redfish/v1/Systems/S1'),
  '/redfish/v1/Systems/S1': { Processors: link('/redfish/v1/Systems/S1/Processors') },
  '/redfish/v1/Systems/S1/Processors': members(
    ...['CPU_0', 'GPU_10', 'GPU_2'].map((id) => `/redfish/v1/Systems/S1/Processors/${id}`),
  ),
  '/redfish/v1/Systems/S1/Processors/CPU_0': { ProcessorType: 'CPU' },
  ...gpu('GPU_10', 55),
  ...gpu('GPU_2', 61),
});

const gpu = (id: string, temperatureC: number): Record<string, unknown> => {
  const path = `/redfish/v1/Systems/S1/Processors/${id}`;
  return {
    [path]: {
      ProcessorType: 'GPU',
      Metrics: link(`${path}/ProcessorMetrics`),
      EnvironmentMetrics: link(`${path}/EnvironmentMetrics`),
    },
    [`${path}/EnvironmentMetrics`]: {
      TemperatureCelsius: { Reading: temperatureC },
      PowerWatts: { Reading: 512 },
      EnergyJoules: { Reading: 9_000 },
    },
    [`${path}/ProcessorMetrics`]: {
      ThrottlingCelsius: 87 - temperatureC,
      OperatingSpeedMHz: 1_980,
      ThermalLimitThrottleDuration: 'PT10S',
      PowerLimitThrottleDuration: 'PT1M',
      Oem: { Nvidia: { ThrottleReasons: ['SWPowerCap'] } },
    },
  };
};

/** Resources under Redfish's two ways to sign in. */
export interface RedfishStandIn {
  readonly url: URL;
  readonly resources: Record<string, unknown>;
  /** Method and path of every request, in order. */
  readonly requests: string[];
  /** Ends all sessions, as a restart of a controller does. */
  forgetSessions(): void;
  close(): Promise<void>;
}

export const standInUser = { user: 'monitor', password: 'not-a-secret' } as const;

export const startRedfishStandIn = async (
  resources: Record<string, unknown> = serverResources(),
): Promise<RedfishStandIn> => {
  const requests: string[] = [];
  const sessions = new Map<string, string>();
  const sessionsPath = '/redfish/v1/SessionService/Sessions';
  const server = createServer((request, response) => {
    const { method = '', url: path = '' } = request;
    requests.push(`${method} ${path}`);
    const answer = (status: number, body: unknown, headers = {}): void => {
      response.writeHead(status, { 'content-type': 'application/json', ...headers });
      response.end(
        body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body),
      );
    };
    let text = '';
    request.setEncoding('utf8');
    request.on('data', (chunk: string) => (text += chunk));
    request.on('end', () => {
      if (method === 'POST' && path === sessionsPath) {
        const { UserName, Password } = JSON.parse(text) as Record<string, string>;
        if (UserName !== standInUser.user || Password !== standInUser.password) {
          answer(401, { error: {} });
          return;
        }
        const id = `${requests.length}`;
        sessions.set(`token-${id}`, `${sessionsPath}/${id}`);
        const location = `https://controller.invalid${sessionsPath}/${id}`;
        answer(201, {}, { 'x-auth-token': `token-${id}`, location });
        return;
      }
      const token = String(request.headers['x-auth-token'] ?? '');
      if (!sessions.has(token) && request.headers.authorization !== basic) answer(401, {});
      else if (method === 'DELETE' && sessions.get(token) === path) {
        sessions.delete(token);
        answer(204, undefined);
      } else if (Object.hasOwn(resources, path)) answer(200, resources[path]);
      else answer(404, { error: {} });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
    ...{ resources, requests },
    forgetSessions: () => sessions.clear(),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};

const basic = `Basic ${Buffer.from(`${standInUser.user}:${standInUser.password}`).toString('base64')}`;
