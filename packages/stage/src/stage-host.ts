import { randomUUID } from 'node:crypto';
import { deferred, Fault, instanceId } from '@isotherm/kernel';
import { type Fabric, type InstanceRecord, laneName, type Registration } from '@isotherm/lanes';
import type { LoadInput } from '@isotherm/proto';
import {
  createLeaseStore,
  createPeers,
  type LeaseStore,
  startServer,
  transferService,
} from '@isotherm/rpc';
import type { LifeCycleState, Logger, RunningService } from '@isotherm/runtime';
import { createEventHub, type WatchCall } from './event-hub.ts';
import { createJobRunner } from './job-runner.ts';
import { cacheTeller, wholeCache } from './stage-cache.ts';
import { createStageControl } from './stage-control.ts';
import type { HostEvent, StageDefinition } from './stage-definition.ts';
import type { StageSettings } from './stage-settings.ts';
import { createWorkTable, type JobBase, type WorkTable } from './work-table.ts';

/** Bounds of the event streams. */
const hubOptions = { pendingMax: 16_384, lingerMs: 5 };

/**
 * Hosts one stage: takes jobs from the instance's lane, runs them, tells routers over Watch streams, serves payloads
 * under leases, answers control calls, keeps the registry entry alive, and drains.
 */
export const startStage = async <Job extends JobBase, Event>(
  definition: StageDefinition<Job, Event>,
  settings: StageSettings,
  fabric: Fabric,
  logger: Logger,
): Promise<RunningService> => {
  const { stage, model, takes = 'tensors', capacity, contextMax, cache } = definition;
  const startedMs = Date.now();
  const id = instanceId(`${stage}-${randomUUID().slice(0, 8)}`);
  const log = logger.child({ instance: id });
  const store = createLeaseStore({ bytesMax: settings.leaseBytesMax });
  const peers = createPeers();
  const table = createWorkTable(Date.now);
  const hub = createEventHub<Event | HostEvent>(hubOptions, (routerId) => {
    table.cancelRouter(routerId);
    // It may never have heard of what is kept for it. If it is still there, it has that made again.
    store.releaseHolder(routerId);
  });
  const life: { state: LifeCycleState } = { state: 'starting' };
  const load = (): LoadInput => ({ ...loadOf(table, definition), cache: cache?.status() ?? null });

  const control = createStageControl({
    status: () => ({
      ...{ instanceId: id, stage, model, state: life.state, load: load() },
      ...{ leases: store.count, leaseBytes: store.bytes },
      ...{ jobsFinished: runner.finished, jobsFailed: runner.failed },
      uptimeMs: Date.now() - startedMs,
    }),
    cancel: (requestId) => {
      const ran = table.cancelRequest(requestId);
      return store.releaseRequest(requestId) > 0 || ran;
    },
    drain: (graceMs) => void stop(graceMs),
  });
  const watch = (call: WatchCall<Event | HostEvent>): void => {
    const { routerId } = call.request;
    hub.attach(routerId, call);
    // The first word: from now on the router may send work.
    hub.emit(routerId, { load: load() });
    if (cache !== undefined) hub.emit(routerId, { cache: wholeCache(cache) });
  };
  const tellCache = cacheTeller(cache, (change) => hub.broadcast({ cache: change }));
  const watches = (routerId: string): boolean => hub.watches(routerId);
  const resources = { store, peers, address: '', instanceId: id, watches };
  const implementation = { Watch: watch, ...definition.calls?.(resources) };
  const server = await startServer({
    ...settings,
    services: [control, transferService(store), { definition: definition.service, implementation }],
  });
  const { address } = server;
  resources.address = address;
  const runner = createJobRunner(definition, hub, table, resources, log);
  const lane = laneName(stage, id);
  const { concurrency } = settings;
  const run = ({ body }: { readonly body: Job }): Promise<void> =>
    runner.run(body).finally(tellCache);
  const consumer = await fabric.lanes.consume<Job>(lane, run, { concurrency });
  const about = { id, stage, model, takes, address, capacity, contextMax, startedMs };
  const record: InstanceRecord = { ...about, state: 'serving' };
  const registration = await fabric.registry.announce(record);
  const beat = (): void => {
    hub.broadcast({ load: load() });
    tellCache();
  };
  const heartbeat = setInterval(beat, settings.heartbeatMs);
  life.state = 'serving';
  server.setHealth('SERVING');
  const ended = deferred<Error | undefined>();
  followReadiness(definition, { life, server, registration, record, log });

  const drain = async (graceMs: number): Promise<void> => {
    const sender = fabric.lanes.sender<Job>(lane);
    life.state = 'draining';
    server.setHealth('NOT_SERVING');
    log.info({ graceMs }, 'draining');
    const deadlineMs = Date.now() + graceMs;
    await quietly(registration.update({ ...record, state: 'draining' }));
    await settled(table, store, () => sender.depth().catch(() => 0), deadlineMs);
    table.cancelAll(new Fault('unavailable', `Instance ${id} is shutting down.`));
    await quietly(consumer.close());
    clearInterval(heartbeat);
    await quietly(registration.withdraw());
    hub.close();
    await quietly(fabric.lanes.obliterate(lane));
    await server.close(Math.max(100, Math.min(1000, deadlineMs - Date.now())));
    peers.close();
    store.close();
    await definition.closeEngine();
    life.state = 'stopped';
    ended.resolve(undefined);
  };
  let stopping: Promise<void> | undefined;
  const stop = (graceMs = settings.drainGraceMs): Promise<void> => (stopping ??= drain(graceMs));

  void definition.engineFailed.then((error) => {
    // What runs here has failed as unavailable and is retried elsewhere; peers must send no more.
    life.state = 'failed';
    server.setHealth('NOT_SERVING');
    log.error({ err: error }, 'engine died');
    ended.resolve(error);
  });
  const facts = { instance: id, stage, model };
  return { address, facts, stop: () => stop(), ended: ended.promise };
};

/** Says in health and registry whether the engine takes work, as long as the instance itself does. */
const followReadiness = <Job extends JobBase, Event>(
  definition: StageDefinition<Job, Event>,
  host: {
    readonly life: { readonly state: LifeCycleState };
    readonly server: { setHealth(status: 'SERVING' | 'NOT_SERVING'): void };
    readonly registration: Registration;
    readonly record: InstanceRecord;
    readonly log: Logger;
  },
): void => {
  const { life, server, registration, record, log } = host;
  definition.watchReadiness?.((ready) => {
    if (life.state !== 'serving') return;
    log.warn({ ready }, 'readiness changed');
    server.setHealth(ready ? 'SERVING' : 'NOT_SERVING');
    void quietly(registration.update({ ...record, state: ready ? 'serving' : 'unready' }));
  });
};

const loadOf = (
  table: WorkTable,
  { capacity, load }: { readonly capacity: number; load?(): LoadInput },
): LoadInput => ({
  running: table.running,
  waiting: Math.max(0, table.running - capacity),
  pendingTokens: table.pendingTokens,
  capacity,
  ...load?.(),
});

/** Best effort on the way down: the store may be gone already, and entries expire by themselves. */
const quietly = async (work: Promise<unknown>): Promise<void> => {
  await work.catch(() => undefined);
};

/** Waits until lane, work and leases are empty, or the deadline. */
const settled = async (
  table: WorkTable,
  store: LeaseStore,
  depth: () => Promise<number>,
  deadlineMs: number,
): Promise<void> => {
  while (Date.now() < deadlineMs) {
    if (table.running === 0 && store.count === 0 && (await depth()) === 0) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};
