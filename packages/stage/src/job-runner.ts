import { Fault } from '@isotherm/kernel';
import type { GivenPayloads } from '@isotherm/rpc';
import type { Logger } from '@isotherm/runtime';
import type { EventHub } from './event-hub.ts';
import type { HostEvent, StageDefinition, StageResources } from './stage-definition.ts';
import type { JobBase, WorkTable } from './work-table.ts';

/** Runs the jobs that a lane delivers, or that came ahead of it, and tells their routers how they ended. */
export interface JobRunner<Job> {
  run(job: Job, given?: GivenPayloads): Promise<void>;
  readonly finished: number;
  readonly failed: number;
}

export const createJobRunner = <Job extends JobBase, Event>(
  definition: StageDefinition<Job, Event>,
  hub: EventHub<Event | HostEvent>,
  table: WorkTable,
  resources: StageResources,
  logger: Logger,
): JobRunner<Job> => {
  const counts = { finished: 0, failed: 0 };

  const reportFailure = (job: Job, thrown: unknown): void => {
    counts.failed += 1;
    const { jobId, requestId, routerId } = job;
    const { code, message, param = '' } = Fault.from(thrown);
    if (code === 'internal') logger.error({ err: thrown, job: jobId }, 'job failed');
    else logger.info({ code, job: jobId }, 'job failed');
    hub.emit(routerId, { failed: { jobId, requestId, code, message, param } });
  };

  return {
    run: async (job, given) => {
      const { jobId, requestId, routerId } = job;
      if (!hub.watches(routerId)) {
        logger.info({ job: jobId }, 'dropped a job whose router is gone');
        return;
      }
      const work = table.begin(job, definition.tokensOf(job));
      if (work === undefined) return;
      const { signal } = work.controller;
      const laneWaitMs = Math.max(0, Date.now() - job.enqueuedMs);
      hub.emitLazily(routerId, { accepted: { jobId, requestId, laneWaitMs } });
      try {
        signal.throwIfAborted();
        const emit = (event: Event): void => hub.emit(routerId, event);
        await definition.run(job, { ...resources, signal, laneWaitMs, given, emit });
        counts.finished += 1;
      } catch (error) {
        reportFailure(job, error);
      } finally {
        table.end(work);
      }
    },
    get finished() {
      return counts.finished;
    },
    get failed() {
      return counts.failed;
    },
  };
};
