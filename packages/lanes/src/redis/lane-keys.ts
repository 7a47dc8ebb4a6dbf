import { jobId, type JobId } from '@isotherm/kernel';
import type { LaneName } from '../port.ts';

/**
 * BullMQ allows no colon in names and ids, and keeps its own keys (`wait`, `meta`, …) beside the
 * jobs' keys: names are escaped, and job ids carry a prefix that none of its keys has.
 */
export const queueName = (lane: LaneName): string => encodeURIComponent(lane);
export const queueJobId = (id: JobId): string => `j-${encodeURIComponent(id)}`;
export const jobIdOf = (queueJob: string): JobId => jobId(decodeURIComponent(queueJob.slice(2)));

/** The keys of one lane, as BullMQ 6 lays a queue out. */
export interface LaneKeys {
  readonly base: string;
  readonly wait: string;
  readonly prioritized: string;
  readonly priorityCounter: string;
  readonly active: string;
  readonly stalled: string;
  readonly marker: string;
  readonly meta: string;
}

export const laneKeys = (prefix: string, lane: LaneName): LaneKeys => {
  const base = `${prefix}:${queueName(lane)}:`;
  return {
    base,
    wait: `${base}wait`,
    prioritized: `${base}prioritized`,
    priorityCounter: `${base}pc`,
    active: `${base}active`,
    stalled: `${base}stalled`,
    marker: `${base}marker`,
    meta: `${base}meta`,
  };
};
