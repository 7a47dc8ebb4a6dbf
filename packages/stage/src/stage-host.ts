import { deferred, Fault, jobId } from '@isotherm/kernel';
import {
  controlLaneName,
  type Fabric,
  type InstanceRecord,
  type LaneConsumer,
  laneName,
  type Registration,
} from '@isotherm/lanes';
import {
  createNeighbours,
  type LeaseStore,
  type Neighbours,
  startServer,
  statusOf,
  transferService,
} from '@isotherm/rpc';
import type { LifeCycleState, Logger, RunningService } from '@isotherm/runtime';
import { createAheadIntake } from './ahead-intake.ts';
import type { WatchCall } from './event-hub.ts';
import { consumeCommands, reconfiguring } from './commands.ts';
import { createInstanceState, type InstanceState } from './instance-state.ts';
import { createJobRunner } from './job-runner.ts';
import { cacheTeller, type StageCache, wholeCache } from './stage-cache.ts';
import { createStageControl } from './stage-control.ts';
import type { HostEvent, StageDefinition } from './stage-definition.ts';
import type { StageSettings } from './stage-settings.ts';
import type { JobBase, WorkTable } from './work-table.ts';

/**
 * Hosts one stage: takes jobs from the instance's lane, runs them, tells routers over Watch streams, serves payloads
 * under leases, answers control calls, keeps the registry entry alive, and drains.
 */
export const startStage = async <Job extends JobBase, Event>(
  definition: StageDefinition<Job, Event>,
  settings: StageSettings,
  fabric: Fabric,
  logger: Logger,
  neighbours: Neighbours = createNeighbours(),
): Promise<RunningService> => {
  const { stage, model, takes = 'tensors', contextMax, cache, lever } = definition;
  const instance = createInstanceState(definition, settings, neighbours);
  const { id, startedMs, store, peers, table, hub, life, load } = instance;
  const log = logger.child({ instance: id });

  const reconfigure = reconfiguring(definition, log, () => {
    beat();
    return quietly(registration.update(recordOf(life.state)));
  });
  const ahead = createAheadIntake();
  const control = createStageControl({
    ahead: ahead.calls,
    status: () => instance.status(runner),
    cancel: instance.cancel,
    cancelJob: (jobId) => table.cancelJob(jobId),
    reconfigure,
    drain: (graceMs) => void stop(graceMs),
  });
  const watch = (call: WatchCall<Event | HostEvent>): void => answerWatch(call, instance, cache);
  const tellCache = cacheTeller(cache, (change) => hub.broadcast({ cache: change }));
  const watches = (routerId: string): boolean => hub.watches(routerId);
  const resources = { store, peers, address: '', instanceId: id, watches };
  const implementation = { Watch: watch, ...definition.calls?.(resources) };
  const own = [control, { definition: definition.service, implementation }];
  const services = [...own, transferService(store, instance.countPull)];
  const server = await startServer({ ...settings, services });
  const { address } = server;
  const leaveNeighbours = neighbours.add(address, store, own);
  resources.address = address;
  const runner = createJobRunner(definition, hub, table, resources, log);
  const lane = laneName(stage, id);
  const { concurrency } = settings;
  const run = ({ body }: { readonly body: Job }): Promise<void> =>
    runner.run(body).finally(tellCache);
  const consumer = await fabric.lanes.consume<Job>(lane, run, { concurrency });
  ahead.begin((id, job, given) => {
    consumer.ahead(jobId(id), () => runner.run(job as Job, given).finally(tellCache));
  });
  const { processId } = neighbours;
  const place = { address, processId, startedMs };
  const where = settings.place === '' ? {} : { place: settings.place };
  const about = { id, stage, model, takes, contextMax, ...place, ...where };
  const recordOf = (state: LifeCycleState | 'unready'): InstanceRecord => ({
    ...about,
    capacity: definition.capacity,
    ...(lever !== undefined && { precision: lever.variant.precision }),
    state: state === 'serving' || state === 'unready' ? state : 'draining',
  });
  const commands = await consumeCommands(fabric, id, reconfigure, log);
  const registration = await fabric.registry.announce(recordOf('serving'));
  const beat = (): void => {
    hub.broadcast({ load: load() });
    tellCache();
  };
  const heartbeat = setInterval(beat, settings.heartbeatMs);
  life.state = 'serving';
  server.setHealth('SERVING');
  const ended = deferred<Error | undefined>();
  followReadiness(definition, { life, server, registration, recordOf, log });

  const drain = async (graceMs: number): Promise<void> => {
    const sender = fabric.lanes.sender<Job>(lane);
    life.state = 'draining';
    server.setHealth('NOT_SERVING');
    log.info({ graceMs }, 'draining');
    const deadlineMs = Date.now() + graceMs;
    await quietly(registration.update(recordOf('draining')));
    await emptied(consumer, table, store, () => sender.depth().catch(() => 0), deadlineMs);
    table.cancelAll(new Fault('unavailable', `Instance ${id} is shutting down.`));
    await quietly(consumer.close());
    await quietly(commands.close());
    clearInterval(heartbeat);
    await quietly(registration.withdraw());
    hub.close();
    ahead.close();
    await quietly(fabric.lanes.obliterate(lane));
    await quietly(fabric.lanes.obliterate(controlLaneName(id)));
    await server.close(Math.max(100, Math.min(1000, deadlineMs - Date.now())));
    leaveNeighbours();
    instance.close();
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

/** Opens a router's event stream, unless it means another instance. */
const answerWatch = <Event>(
  call: WatchCall<Event | HostEvent>,
  { id, hub, load }: Pick<InstanceState<Event>, 'id' | 'hub' | 'load'>,
  cache: StageCache | undefined,
): void => {
  const { routerId, instanceId } = call.request;
  // Who came to this address later would take part in what the other one's link is for, and break its own.
  if (instanceId !== '' && instanceId !== id) {
    call.emit('error', statusOf(new Fault('not_found', `Here is ${id}, not ${instanceId}.`)));
    return;
  }
  hub.attach(routerId, call);
  // The first word: from now on the router may send work.
  hub.emit(routerId, { load: load() });
  if (cache !== undefined) hub.emit(routerId, { cache: wholeCache(cache) });
};

/** Says in health and registry whether the engine takes work, as long as the instance itself does. */
const followReadiness = <Job extends JobBase, Event>(
  definition: StageDefinition<Job, Event>,
  host: {
    readonly life: { readonly state: LifeCycleState };
    readonly server: { setHealth(status: 'SERVING' | 'NOT_SERVING'): void };
    readonly registration: Registration;
    recordOf(state: 'serving' | 'unready'): InstanceRecord;
    readonly log: Logger;
  },
): void => {
  const { life, server, registration, recordOf, log } = host;
  definition.watchReadiness?.((ready) => {
    if (life.state !== 'serving') return;
    log.warn({ ready }, 'readiness changed');
    server.setHealth(ready ? 'SERVING' : 'NOT_SERVING');
    void quietly(registration.update(recordOf(ready ? 'serving' : 'unready')));
  });
};

/** Best effort on the way down: the store may be gone already, and entries expire by themselves. */
const quietly = async (work: Promise<unknown>): Promise<void> => {
  await work.catch(() => undefined);
};

/**
 * Takes no further job once nothing is left. What was on its way out of the lane then is done as well, and its result waited
 * for; what is added later goes elsewhere once the event streams end.
 */
const emptied = async (
  consumer: LaneConsumer,
  table: WorkTable,
  store: LeaseStore,
  depth: () => Promise<number>,
  deadlineMs: number,
): Promise<void> => {
  await settled(table, store, depth, deadlineMs);
  let taking = 1;
  void quietly(consumer.pause()).then(() => (taking = 0));
  await settled(table, store, async () => taking, deadlineMs);
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
