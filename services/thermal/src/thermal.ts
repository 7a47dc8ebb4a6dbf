import { randomUUID } from 'node:crypto';
import { deferred, systemClock } from '@isotherm/kernel';
import type { Fabric, ThermalRecord } from '@isotherm/lanes';
import { createNeighbours, createPeers, startServer } from '@isotherm/rpc';
import type { Logger, RunningService } from '@isotherm/runtime';
import { openMetricsDoor } from '@isotherm/runtime/metrics';
import { thermalCalls } from './grpc/thermal-calls.ts';
import { thermalService } from './grpc/thermal-service.ts';
import type { HistoryStore } from './history/store.ts';
import { createHeadroomHub } from './headroom/headroom-hub.ts';
import { watchInstances } from './instances/instance-watch.ts';
import { createKeeper } from './keeper.ts';
import { readProfiles } from './profiles/read-profiles.ts';
import type { ThermalSettings } from './settings.ts';
import { openSources } from './sources/open-sources.ts';
import { runSources } from './sources/run-sources.ts';
import { indexRoom } from './topology/room-index.ts';
import type { RoomFile } from './topology/room-file.ts';

/** Starts the thermal service of one room. */
export const startThermal = async (
  settings: ThermalSettings,
  room: RoomFile,
  fabric: Fabric,
  history: HistoryStore,
  logger: Logger,
): Promise<RunningService> => {
  const thermalId = `thermal-${randomUUID().slice(0, 8)}`;
  const log = logger.child({ thermal: thermalId });
  const clock = systemClock;
  const peers = createPeers(createNeighbours());
  const index = indexRoom(room.plan);
  const profiles = await readProfiles(settings.profiles);
  const opened = await openSources(settings, index, {
    ...{ clock, environment: process.env, staleMs: settings.telemetryStaleMs },
    instances: () => instances.instances(),
  });
  const follow = { fabric, peers, index, clock, logger: log };
  const instances = await watchInstances(follow, settings);
  const hub = createHeadroomHub({
    ...{ watchersMax: settings.watchersMax, wholeMs: settings.watchWholeMs },
  });
  const keeper = createKeeper(
    {
      ...{ room, index, fabric, clock, hub, history, profiles, logger: log },
      instances: () => instances.instances(),
    },
    settings,
  );
  const open = new Set<() => void>();
  const own: { state: 'serving' | 'draining' } = { state: 'serving' };
  const calls = thermalCalls({
    ...{ thermalId, settings, keeper, index, hub, clock, open, logger: log },
    state: () => own.state,
  });
  await Promise.all([keeper.kept.restore(), keeper.commands.restore()]);
  keeper.start();
  const sources = runSources(opened, keeper.intake, log);
  const server = await startServer({
    ...{ listen: settings.listen, advertiseHost: settings.advertiseHost },
    ...{ advertisePort: settings.advertisePort, reflection: settings.reflection },
    services: [thermalService(calls)],
  });
  const metrics = await openMetricsDoor(settings.metricsListen, keeper.metrics.registry);
  server.setHealth('SERVING');
  const record: ThermalRecord = {
    ...{ id: thermalId, address: server.address, startedMs: clock.nowMs(), state: own.state },
  };
  const registration = await fabric.thermals.announce(record);
  const ended = deferred<Error | undefined>();

  const drain = async (): Promise<void> => {
    own.state = 'draining';
    server.setHealth('NOT_SERVING');
    await registration.withdraw().catch(() => undefined);
    for (const end of open) end();
    await sources.close();
    await keeper.close();
    await metrics.close();
    history.close();
    await server.close(1_000);
    await instances.close();
    peers.close();
    ended.resolve(undefined);
  };
  let stopping: Promise<void> | undefined;
  return {
    address: server.address,
    facts: { thermal: thermalId, room: room.plan.name, metrics: metrics.address },
    stop: () => (stopping ??= drain()),
    ended: ended.promise,
  };
};
