import type { Redis } from 'ioredis';
import type { LaneName } from '../port.ts';
import { exchangeJobs } from './exchange-script.ts';
import { laneKeys } from './lane-keys.ts';
import { defineScript } from './script.ts';

/** A job as a consumer takes it out of its lane. */
export interface TakenJob {
  /** As the queue knows it. */
  readonly id: string;
  readonly body: string;
  readonly attempt: number;
  /** Why it is not to be delivered again; undefined where it is. */
  readonly dropped: string | undefined;
}

/**
 * Acknowledges jobs and takes others, in one round trip. Fewer than were wanted: no more wait. A call whose answer is lost may
 * be made again: what it took is delivered again when its locks have run out.
 */
export type JobExchange = (done: readonly string[], wanted: number) => Promise<readonly TakenJob[]>;

export interface JobExchangeOptions {
  readonly lane: LaneName;
  readonly prefix: string;
  /** What the locks of this consumer's jobs hold. */
  readonly token: string;
  readonly lockMs: number;
}

export const jobExchange = (
  redis: Redis,
  { lane, prefix, token, lockMs }: JobExchangeOptions,
): JobExchange => {
  const exchange = defineScript(redis, exchangeJobs);
  const keys = laneKeys(prefix, lane);
  const { wait, prioritized, priorityCounter, active, stalled, marker } = keys;
  const lists = [wait, prioritized, priorityCounter, active, stalled, marker];
  return async (done, wanted) => {
    const fields = (await exchange(...lists, keys.base, token, lockMs, wanted, ...done)) as Field[];
    const jobs: TakenJob[] = [];
    for (let at = 0; at < fields.length; at += fieldsOfJob) {
      const [id, body, attempt, dropped] = fields.slice(at, at + fieldsOfJob);
      jobs.push({
        id: String(id),
        body: String(body),
        attempt: Number(attempt),
        dropped: dropped === '' ? undefined : String(dropped),
      });
    }
    return jobs;
  };
};

type Field = string | number;
const fieldsOfJob = 4;
