import { Fault, type InstanceId, isFaultCode } from '@isotherm/kernel';
import type { FleetListener } from '../fleet/fleet.ts';
import type { StageEvent } from '../fleet/stage-event.ts';

/** A job that was sent and has not ended. */
export interface OpenJob {
  readonly instance: InstanceId;
  hear(event: StageEvent): void;
  fail(fault: Fault): void;
}

/** The jobs whose events are awaited; events of jobs that have ended are nobody's and are dropped. */
export interface OpenJobs extends FleetListener {
  add(id: string, job: OpenJob): void;
  remove(id: string): void;
  failAll(fault: Fault): void;
}

export const createOpenJobs = (): OpenJobs => {
  const jobs = new Map<string, OpenJob>();
  return {
    add: (id, job) => void jobs.set(id, job),
    remove: (id) => void jobs.delete(id),
    heard: (_instance, event) => {
      if (event.kind === 'load') return;
      const job = jobs.get(event.jobId);
      if (event.kind === 'failed') job?.fail(faultOfEvent(event.value));
      else job?.hear(event);
    },
    lost: (instance, reason) => {
      for (const job of jobs.values()) {
        if (job.instance !== instance) continue;
        job.fail(new Fault('unavailable', `Instance ${instance} was lost: ${reason}.`));
      }
    },
    failAll: (fault) => {
      for (const job of jobs.values()) job.fail(fault);
    },
  };
};

const faultOfEvent = (event: { code: string; message: string; param: string }): Fault =>
  new Fault(isFaultCode(event.code) ? event.code : 'internal', event.message, {
    ...(event.param !== '' && { param: event.param }),
  });
