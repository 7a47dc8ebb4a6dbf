import * as grpc from '@grpc/grpc-js';
import { instanceId, type ManualClock, manualClock } from '@isotherm/kernel';
import { type InstanceRecord, memoryFabric } from '@isotherm/lanes';
import type { RoomPlan } from '@isotherm/plant';
import type {
  GetRoomResponse,
  ReportTelemetryRequestInput,
  ReportTelemetryResponse,
  ThermalServiceClient,
  WatchHeadroomResponse,
} from '@isotherm/proto';
import { callUnary, faultOf, protos, startServer } from '@isotherm/rpc';
import { readSettings, silentLogger } from '@isotherm/runtime';
import { roomMessage } from '../grpc/room-messages.ts';
import { reportTelemetry } from '../grpc/telemetry-calls.ts';
import { type ThermalCalls, thermalService } from '../grpc/thermal-service.ts';
import { watchHeadroom } from '../grpc/watch-call.ts';
import { createHeadroomHub } from '../headroom/headroom-hub.ts';
import { memoryHistory } from '../history/store.ts';
import { type PlacedInstance, placeOf } from '../instances/instance-book.ts';
import { createKeeper, type Keeper } from '../keeper.ts';
import { thermalSettings } from '../settings.ts';
import { indexRoom } from '../topology/room-index.ts';

/** A real room kept round by round on a clock that is moved by hand, behind a real gRPC door. */
export interface KeptRoom {
  readonly clock: ManualClock;
  readonly keeper: Keeper;
  readonly client: ThermalServiceClient;
  report(messages: Iterable<ReportTelemetryRequestInput>): Promise<ReportTelemetryResponse>;
  room(): Promise<GetRoomResponse>;
  /** What a watcher who comes now is told. */
  headroom(): Promise<WatchHeadroomResponse>;
  close(): Promise<void>;
}

/** `places`: an instance at each. The same arguments make rooms that are told the same where they hear the same. */
export const keepRoom = async (
  plan: RoomPlan,
  places: readonly string[],
  startMs: number,
): Promise<KeptRoom> => {
  const clock = manualClock(startMs);
  const fabric = memoryFabric({});
  const index = indexRoom(plan);
  const settings = readSettings(thermalSettings, {
    ...{ REDIS_URL: 'redis://unused', ISOTHERM_ROOM_VIRTUAL: 'false', ISOTHERM_ACTUATE: 'false' },
  });
  const hub = createHeadroomHub({ watchersMax: 8, wholeMs: settings.watchWholeMs });
  const instances = places.map((place) => instanceAt(place, index));
  const keeper = createKeeper(
    {
      ...{ room: { plan, hourlyC: [] }, index, fabric, clock, hub },
      ...{ history: memoryHistory(), logger: silentLogger(), instances: () => instances },
    },
    settings,
  );
  const open = new Set<() => void>();
  const facts = { kind: 'real', timeScale: 1, emergencies: [] } as const;
  const calls: Pick<ThermalCalls, 'report' | 'watch' | 'room'> = {
    report: reportTelemetry(keeper.intake, () => clock.nowMs()),
    watch: watchHeadroom(hub, 1, open, silentLogger()),
    room: () =>
      roomMessage(keeper.latest(), { ...facts, throttleEvents: keeper.runner.throttleEvents() }),
  };
  const server = await startServer({
    ...{ listen: '127.0.0.1:0', advertiseHost: '127.0.0.1', reflection: false },
    services: [thermalService(calls as ThermalCalls)],
  });
  const credentials = grpc.credentials.createInsecure();
  const client = new protos.isotherm.thermal.v1.ThermalService(server.address, credentials);
  return {
    ...{ clock, keeper, client },
    report: (messages) => reportAll(client, messages),
    room: () => callUnary<GetRoomResponse>((done) => client.getRoom({}, done)),
    headroom: () => firstOf(client),
    close: async () => {
      for (const end of open) end();
      client.close();
      await server.close(100);
      await keeper.close();
      await fabric.close();
    },
  };
};

const instanceAt = (place: string, index: ReturnType<typeof indexRoom>): PlacedInstance => {
  const record: InstanceRecord = {
    ...{ id: instanceId(`decode-${place.replaceAll(/[^a-z0-9]/g, '-')}`), stage: 'decode', place },
    ...{ model: 'panel', address: '127.0.0.1:1', capacity: 8, contextMax: 1024, startedMs: 0 },
    state: 'serving',
  };
  return { record, ...placeOf(record, index), load: undefined };
};

/** Writes as fast as the server reads, and no faster. */
const reportAll = (
  client: ThermalServiceClient,
  messages: Iterable<ReportTelemetryRequestInput>,
): Promise<ReportTelemetryResponse> =>
  new Promise((resolve, reject) => {
    const call = client.reportTelemetry((error, answer) => {
      if (error === null && answer !== undefined) resolve(answer);
      else reject(faultOf(error));
    });
    call.on('error', reject);
    const send = async (): Promise<void> => {
      for (const message of messages) {
        if (!call.write(message)) await new Promise((ready) => call.once('drain', ready));
      }
      call.end();
    };
    send().catch(reject);
  });

const firstOf = async (client: ThermalServiceClient): Promise<WatchHeadroomResponse> => {
  const call = client.watchHeadroom({ watcher: 'test' });
  call.on('error', () => undefined);
  try {
    for await (const message of call) return message as WatchHeadroomResponse;
  } finally {
    call.cancel();
  }
  throw new Error('The stream ended.');
};
