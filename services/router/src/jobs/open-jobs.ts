import { Fault, type InstanceId, isFaultCode } from '@isotherm/kernel';
import type { Handle } from '@isotherm/proto';
import type { FleetListener } from '../fleet/fleet.ts';
import type { StageEvent } from '../fleet/stage-event.ts';

/** A job that was sent and has not ended. */
export interface OpenJob {
  readonly instance: InstanceId;
  hear(event: StageEvent): void;
  fail(fault: Fault): void;
}

/**
 * The jobs whose events are awaited. Events of jobs that have ended here are nobody's: they are dropped, and a result
 * that comes with a lease is handed to `orphaned`.
 */
export interface OpenJobs extends FleetListener {
  add(id: string, job: OpenJob): void;
  remove(id: string): void;
  failAll(fault: Fault): void;
}

export const createOpenJobs = (orphaned: (lease: Handle) => void): OpenJobs => {
  const jobs = new Map<string, OpenJob>();
  return {
    add: (id, job) => void jobs.set(id, job),
    remove: (id) => void jobs.delete(id),
    heard: (_instance, event) => {
      if (event.kind === 'load' || event.kind === 'cache') return;
      const job = jobs.get(event.jobId);
      const lease = leaseOf(event);
      if (job === undefined && lease !== null) orphaned(lease);
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

const leaseOf = (event: StageEvent): Handle | null => {
  if (event.kind === 'encoded') return event.value.embedding;
  if (event.kind === 'handedOver') return event.value.params;
  return event.kind === 'prefilled' ? event.value.kvCache : null;
};

const faultOfEvent = (event: { code: string; message: string; param: string }): Fault =>
  new Fault(isFaultCode(event.code) ? event.code : 'internal', event.message, {
    ...(event.param !== '' && { param: event.param }),
  });
