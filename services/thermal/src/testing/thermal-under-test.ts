import * as grpc from '@grpc/grpc-js';
import { instanceId, type Stage } from '@isotherm/kernel';
import { controlLaneName, type Fabric, type InstanceRecord, memoryFabric } from '@isotherm/lanes';
import { exampleRoom, type RoomPlan } from '@isotherm/plant';
import type {
  LoadInput,
  ReconfigureRequestInput,
  ThermalServiceClient,
  WatchHeadroomResponse,
} from '@isotherm/proto';
import { protos, startServer, unaryHandler } from '@isotherm/rpc';
import { readSettings, type RunningService, silentLogger } from '@isotherm/runtime';
import { type HistoryStore, memoryHistory } from '../history/store.ts';
import { thermalSettings } from '../settings.ts';
import { startThermal } from '../thermal.ts';

/** Eight servers of eight GPUs: a test has to run on a busy machine, too. */
export const smallRoom = exampleRoom({ racksPerRow: 1, serversPerRack: 2 });

/** A thermal service with a client, over an in-memory fabric. */
export interface ThermalUnderTest {
  readonly client: ThermalServiceClient;
  readonly fabric: Fabric;
  readonly service: RunningService;
  readonly address: string;
  close(): Promise<void>;
}

export const startUnderTest = async (
  environment: Readonly<Record<string, string>> = {},
  plan: RoomPlan = smallRoom,
  history: HistoryStore = memoryHistory(),
): Promise<ThermalUnderTest> => {
  const fabric = memoryFabric({});
  const settings = readSettings(thermalSettings, {
    ...{ REDIS_URL: 'redis://unused', ISOTHERM_TIME_SCALE: '20', ISOTHERM_REFLECTION: 'true' },
    ...{ ISOTHERM_LOAD_POLL_MS: '50', ISOTHERM_ROUND_MS_MIN: '100' },
    ...environment,
  });
  const room = { plan, hourlyC: [] };
  const service = await startThermal(settings, room, fabric, history, silentLogger());
  const credentials = grpc.credentials.createInsecure();
  const client = new protos.isotherm.thermal.v1.ThermalService(service.address, credentials);
  return {
    ...{ client, fabric, service, address: service.address },
    close: async () => {
      client.close();
      await service.stop();
      await fabric.close();
    },
  };
};

/** An instance that says how busy it is and follows commands. */
export interface FakeInstance {
  readonly id: string;
  /** Share of the time in which it works. */
  utilisation: number;
  readonly commands: readonly ReconfigureRequestInput[];
  readonly clockShare: number;
  close(): Promise<void>;
}

export const startFakeInstance = async (
  fabric: Fabric,
  { id, stage, place }: { readonly id: string; readonly stage: Stage; readonly place?: string },
): Promise<FakeInstance> => {
  let busyMs = 0;
  let lastMs = performance.now();
  let clockShare = 1;
  const commands: ReconfigureRequestInput[] = [];
  const fake = { utilisation: 1 };
  const load = (): LoadInput => {
    const nowMs = performance.now();
    busyMs += (nowMs - lastMs) * fake.utilisation;
    lastMs = nowMs;
    return { busyMs, jobMs: 4 * busyMs, clockShare };
  };
  const server = await startServer({
    ...{ listen: '127.0.0.1:0', advertiseHost: '127.0.0.1', reflection: false },
    services: [
      {
        definition: protos.isotherm.stage.v1.StageService.service,
        implementation: { GetStatus: unaryHandler(() => ({ instanceId: id, load: load() })) },
      },
    ],
  });
  const record: InstanceRecord = {
    ...{ id: instanceId(id), stage, model: 'panel', address: server.address, capacity: 8 },
    ...{ contextMax: 1024, startedMs: Date.now(), state: 'serving' },
    ...(place !== undefined && { place }),
  };
  const registration = await fabric.registry.announce(record);
  const consumer = await fabric.lanes.consume<ReconfigureRequestInput>(
    controlLaneName(record.id),
    ({ body }) => {
      commands.push(body);
      clockShare = Number(body.clockShare ?? clockShare);
      return Promise.resolve();
    },
    { concurrency: 1 },
  );
  return Object.assign(fake, {
    ...{ id, commands },
    get clockShare() {
      return clockShare;
    },
    close: async () => {
      await consumer.close();
      await registration.withdraw();
      await server.close(100);
    },
  });
};

/** Reads a stream of headroom until a message satisfies; rejects when the stream ends before. */
export const headroomUntil = async (
  client: ThermalServiceClient,
  satisfies: (message: WatchHeadroomResponse) => boolean,
): Promise<WatchHeadroomResponse> => {
  const call = client.watchHeadroom({ watcher: 'test' });
  call.on('error', () => undefined);
  try {
    for await (const message of call) {
      if (satisfies(message as WatchHeadroomResponse)) return message as WatchHeadroomResponse;
    }
  } finally {
    call.cancel();
  }
  throw new Error('The stream ended.');
};
