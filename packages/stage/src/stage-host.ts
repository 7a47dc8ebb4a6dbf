import { randomUUID } from 'node:crypto';
import type { UntypedServiceImplementation, ServiceDefinition } from '@grpc/grpc-js';
import { deferred, Fault, instanceId, type Stage } from '@isotherm/kernel';
import { type Delivery, type Fabric, type InstanceRecord, laneName } from '@isotherm/lanes';
import type { AcceptedInput, FailedInput, LoadInput } from '@isotherm/proto';
import {
  createLeaseStore,
  createPeers,
  type LeaseStore,
  type Peers,
  startServer,
  transferService,
} from '@isotherm/rpc';
import type { LifeCycleState, Logger, RunningService } from '@isotherm/runtime';
import { createEventHub, type EventHub, type WatchCall } from './event-hub.ts';
import { createStageControl } from './stage-control.ts';
import type { StageSettings } from './stage-settings.ts';
import { createWorkTable, type JobBase, type Work, type WorkTable } from './work-table.ts';

/** What a job may use while it runs. */
export interface JobContext<Event> {
  /** Aborts on cancel, deadline, or when the job's router is gone; the reason is a Fault. */
  readonly signal: AbortSignal;
  readonly laneWaitMs: number;
  readonly store: LeaseStore;
  readonly peers: Peers;
  /** Own address, for handles. */
  readonly address: string;
  readonly instanceId: string;
  emit(event: Event): void;
}

/** What one stage adds to the common host. */
export interface StageDefinition<Job extends JobBase, Event> {
  readonly stage: Stage;
  /** The stage's own gRPC service, of which the host serves Watch. */
  readonly service: ServiceDefinition<UntypedServiceImplementation>;
  readonly model: string;
  /** Jobs or sequences that run at once. */
  readonly capacity: number;
  readonly contextMax: number;
  tokensOf(job: Job): number;
  /** Runs one job to its end; a Fault that it throws becomes a Failed event. */
  run(job: Job, context: JobContext<Event>): Promise<void>;
  readonly events: {
    accepted(event: AcceptedInput): Event;
    failed(event: FailedInput): Event;
    load(event: LoadInput): Event;
  };
  /** Resolves when the engine has died. */
  readonly engineFailed: Promise<Error>;
  closeEngine(): Promise<void>;
}

/** Payloads keep a while past the request's deadline, in case clocks differ between machines. */
export const leaseMarginMs = 5_000;

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
  const startedMs = Date.now();
  const id = instanceId(`${definition.stage}-${randomUUID().slice(0, 8)}`);
  const log = logger.child({ instance: id });
  const store = createLeaseStore({ bytesMax: settings.leaseBytesMax });
  const peers = createPeers();
  const table = createWorkTable(Date.now);
  const hub = createEventHub<Event>({ pendingMax: 16_384, lingerMs: 5 }, (routerId) => {
    table.cancelRouter(routerId);
  });
  let state: LifeCycleState = 'starting';
  const counts = { finished: 0, failed: 0 };

  const load = (): LoadInput => ({
    running: table.running,
    waiting: Math.max(0, table.running - definition.capacity),
    pendingTokens: table.pendingTokens,
    capacity: definition.capacity,
  });
  const control = createStageControl({
    status: () => ({
      instanceId: id,
      stage: definition.stage,
      model: definition.model,
      state,
      load: load(),
      leases: store.count,
      leaseBytes: store.bytes,
      jobsFinished: counts.finished,
      jobsFailed: counts.failed,
      uptimeMs: Date.now() - startedMs,
    }),
    cancel: (requestId) => {
      const ran = table.cancelRequest(requestId);
      return store.releaseRequest(requestId) > 0 || ran;
    },
    drain: (graceMs) => void stop(graceMs),
  });
  const server = await startServer({
    listen: settings.listen,
    advertiseHost: settings.advertiseHost,
    reflection: settings.reflection,
    services: [
      control,
      transferService(store),
      {
        definition: definition.service,
        implementation: {
          Watch: (call: WatchCall<Event>) => {
            const { routerId } = call.request;
            hub.attach(routerId, call);
            hub.emit(routerId, definition.events.load(load()));
          },
        },
      },
    ],
  });

  const context = (work: Work, laneWaitMs: number): JobContext<Event> => ({
    signal: work.controller.signal,
    laneWaitMs,
    store,
    peers,
    address: server.address,
    instanceId: id,
    emit: (event) => hub.emit(work.job.routerId, event),
  });
  const runJob = async ({ body: job }: Delivery<Job>): Promise<void> => {
    if (!hub.watches(job.routerId)) return log.info({ job: job.jobId }, 'job of an absent router');
    const work = table.begin(job, definition.tokensOf(job));
    if (work === undefined) return;
    const laneWaitMs = Math.max(0, Date.now() - job.enqueuedMs);
    const { jobId, requestId } = job;
    hub.emitLazily(job.routerId, definition.events.accepted({ jobId, requestId, laneWaitMs }));
    try {
      work.controller.signal.throwIfAborted();
      await definition.run(job, context(work, laneWaitMs));
      counts.finished += 1;
    } catch (error) {
      counts.failed += 1;
      const fault = Fault.from(error);
      if (fault.code === 'internal') log.error({ err: error, job: jobId }, 'job failed');
      else log.info({ code: fault.code, job: jobId }, 'job failed');
      const { code, message, param = '' } = fault;
      hub.emit(job.routerId, definition.events.failed({ jobId, requestId, code, message, param }));
    } finally {
      table.end(work);
    }
  };

  const lane = laneName(definition.stage, id);
  const consumer = await fabric.lanes.consume<Job>(lane, runJob, {
    concurrency: settings.concurrency,
  });
  const record: InstanceRecord = {
    id,
    stage: definition.stage,
    model: definition.model,
    address: server.address,
    capacity: definition.capacity,
    contextMax: definition.contextMax,
    startedMs,
    state: 'serving',
  };
  const registration = await fabric.registry.announce(record);
  const heartbeat = setInterval(
    () => hub.broadcast(definition.events.load(load())),
    settings.heartbeatMs,
  );
  state = 'serving';
  server.setHealth('SERVING');

  let stopping: Promise<void> | undefined;
  const stop = (graceMs = settings.drainGraceMs): Promise<void> => (stopping ??= drain(graceMs));
  const drain = async (graceMs: number): Promise<void> => {
    const sender = fabric.lanes.sender<Job>(lane);
    state = 'draining';
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
    state = 'stopped';
    ended.resolve(undefined);
  };
  const ended = deferred<Error | undefined>();
  void definition.engineFailed.then((error) => {
    // Peers must not send more work; what runs here fails as unavailable and is retried elsewhere.
    state = 'failed';
    server.setHealth('NOT_SERVING');
    log.error({ err: error }, 'engine died');
    ended.resolve(error);
  });
  return {
    address: server.address,
    facts: { instance: id, stage: definition.stage, model: definition.model },
    stop: () => stop(),
    ended: ended.promise,
  };
};

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

export type { EventHub };
