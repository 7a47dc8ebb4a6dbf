import { randomUUID } from 'node:crypto';
import type { TextModel } from '@isotherm/engine/text';
import { deferred, type Stage, systemClock } from '@isotherm/kernel';
import type { Fabric } from '@isotherm/lanes';
import {
  createLeaseStore,
  createNeighbours,
  createPeers,
  type Neighbours,
  startServer,
  transferService,
} from '@isotherm/rpc';
import { type Logger, type RunningService, watchLoopDelay } from '@isotherm/runtime';
import { openMetricsDoor } from '@isotherm/runtime/metrics';
import { createAdmission } from './admission/admission.ts';
import { createAside } from './aside/aside.ts';
import type { AnswerOptions } from './answer/flow.ts';
import { createModels } from './answer/models.ts';
import { createResponder } from './answer/respond.ts';
import { createRouterDirectory, type RouterDirectory } from './fleet/router-directory.ts';
import { openBatches } from './batch/open-batches.ts';
import type { Fleet } from './fleet/fleet.ts';
import { openFleet, policyOf } from './fleet/open-fleet.ts';
import { explain } from './grpc/explain.ts';
import { routerService } from './grpc/router-service.ts';
import { createBodyReader } from './http/body-reader.ts';
import { openHttpDoor } from './http/http-door.ts';
import { createLargePool } from './http/large-pool.ts';
import { createBackoff } from './jobs/backoff.ts';
import { createHeldEmbeddings } from './jobs/held-embeddings.ts';
import { createHedgeLedger } from './jobs/hedge-ledger.ts';
import { createJobDesk } from './jobs/job-desk.ts';
import { createJobsAhead } from './jobs/jobs-ahead.ts';
import { createOpenJobs } from './jobs/open-jobs.ts';
import { createPrefixKeys } from './jobs/prefix-keys.ts';
import { createReleaser } from './jobs/releaser.ts';
import { createRouterMetrics } from './metrics/router-metrics.ts';
import { createRecordBook } from './record/record-book.ts';
import { routerStatus } from './router-status.ts';
import type { RouterSettings } from './settings.ts';

/**
 * Starts a router, with models that it runs stage by stage, beside those that instances in front of
 * servers announce: two doors (HTTP and gRPC), one desk that places work, one fleet that it is placed on. */
export const startRouter = async (
  settings: RouterSettings,
  textModels: readonly TextModel[],
  fabric: Fabric,
  logger: Logger,
  neighbours: Neighbours = createNeighbours(),
): Promise<RunningService> => {
  const routerId = `router-${randomUUID().slice(0, 8)}`;
  const log = logger.child({ router: routerId });
  const peers = createPeers(neighbours);
  const store = createLeaseStore({ bytesMax: settings.leaseBytesMax });
  const releaser = createReleaser(peers, log);
  const openJobs = createOpenJobs((lease) => releaser.release(lease));
  const identity = { routerId, peers };
  const { fleet, heat } = await openFleet(settings, fabric, identity, openJobs, log);
  const own: Own = { address: '' };
  const routers = (): number => servingRouters(own.directory);
  const admission = createAdmission({ ...settings, clock: systemClock, fleet, routers });
  const { crowded } = admission;
  const placing = { fleet, policy: policyOf(settings), random: Math.random, crowded };
  const { instanceWaitMs, attemptsMax, preemptionsMax } = settings;
  const records = createRecordBook(settings, systemClock);
  const backoff = createBackoff(settings, Math.random, systemClock);
  const hedges = createHedgeLedger(settings);
  const ahead = createJobsAhead(peers);
  const jobs = { fabric, peers, openJobs, ahead, records, backoff, hedges, logger: log };
  const desk = createJobDesk({ ...placing, ...jobs, instanceWaitMs });
  const embeddings = createHeldEmbeddings({ ...placing, peers, releaser, logger: log });
  const aside = createAside(settings);
  const models = createModels(textModels, () => fleet.views(), settings.modelAliases);
  const flow: AnswerOptions = {
    ...{ records, desk, backoff, embeddings, store, releaser, routerId },
    ...{ attemptsMax, preemptionsMax, colocate: settings },
    prefixKeys: createPrefixKeys(fleet, textModels, aside),
    makePrompt: aside.prompt,
    address: () => own.address,
  };
  const responder = createResponder(models, settings, flow, admission, log);
  const batches = await openBatches(fabric, responder, settings, log);
  const largePool = createLargePool(settings);
  const loopDelay = watchLoopDelay();
  const parts = {
    ...{ routerId, models, responder, admission, fleet, store },
    ...{ hedges, loopDelay, largePool: largePool.counts, directory: () => own.directory },
  };
  const status = () => routerStatus({ ...parts, heat, routes: settings.leverRoute });
  const control = {
    batches: () => batches.desk,
    status,
    explain: (requestId: string) => explain(records, routerId, requestId),
    drain: (graceMs: number | undefined) => void life.stop(graceMs),
  };
  const server = await startServer({
    ...settings,
    services: [routerService(responder, control), transferService(store)],
  });
  own.address = server.address;
  const leaveNeighbours = neighbours.add(server.address, store);
  const http = await openHttpDoor({
    ...{ host: settings.httpHost, port: settings.httpPort, responder, largePool },
    bodies: createBodyReader(settings),
    parse: aside.parse,
    bodyReadMsMax: settings.bodyReadMsMax,
    readyInstances: () => readyInstances(fleet),
    canAnswer: () => models.canAnswer(),
  });
  const metrics = await openMetricsDoor(settings.metricsListen, createRouterMetrics(status));
  server.setHealth('SERVING');
  own.directory = await createRouterDirectory(fabric.routers, {
    ...{ id: routerId, address: server.address, startedMs: Date.now(), state: 'serving' },
  });

  const life = drainOnce(settings.drainGraceMs, async (graceMs) => {
    server.setHealth('NOT_SERVING');
    batches.pause();
    responder.drain();
    log.info({ graceMs }, 'draining');
    // Who cannot be told now, while the registry is away, sees it by the entry's end.
    await own.directory?.drain().catch(() => undefined);
    await responder.idle(graceMs);
    await batches.close();
    admission.close();
    await desk.close();
    await releaser.flush();
    await Promise.all([http.close(), metrics.close()]);
    await aside.close();
    largePool.close();
    await server.close(1000);
    await Promise.all([fleet.close(), heat.close()]);
    await own.directory?.close().catch(() => undefined);
    peers.close();
    leaveNeighbours();
    store.close();
    loopDelay.close();
  });
  return {
    address: server.address,
    facts: factsOf({ router: routerId, http: http.address, metrics: metrics.address }, textModels),
    stop: () => life.stop(),
    ended: life.ended,
  };
};

/** What parts of a router are told of those that come after them. */
interface Own {
  address: string;
  directory?: RouterDirectory;
}

/** Drains once, whoever asks first; `ended` resolves when that is done. */
const drainOnce = (graceMsDefault: number, drain: (graceMs: number) => Promise<void>) => {
  const ended = deferred<Error | undefined>();
  let stopping: Promise<void> | undefined;
  const begin = async (graceMs: number): Promise<void> => {
    await drain(graceMs);
    ended.resolve(undefined);
  };
  return {
    stop: (graceMs = graceMsDefault): Promise<void> => (stopping ??= begin(graceMs)),
    ended: ended.promise,
  };
};

const factsOf = (facts: Readonly<Record<string, string>>, models: readonly TextModel[]) => ({
  ...facts,
  ...(models.length > 0 && { model: models.map(({ facts }) => facts.name).join(', ') }),
});

/** Routers that take requests; this one counts until it has announced itself, too. */
const servingRouters = (directory: RouterDirectory | undefined): number =>
  Math.max(1, directory?.routers.filter(({ state }) => state === 'serving').length ?? 1);

const readyInstances = (fleet: Fleet): Record<Stage, number> => {
  const counts: Record<Stage, number> = { encode: 0, prefill: 0, decode: 0, whole: 0 };
  for (const view of fleet.views()) if (view.ready) counts[view.stage] += 1;
  return counts;
};
