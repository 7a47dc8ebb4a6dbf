import type { Redis } from 'ioredis';
import { assertPriority } from '../fabric.ts';
import type { LaneName, LaneSender } from '../port.ts';
import { laneKeys, queueJobId } from './lane-keys.ts';
import { addJob, countWaiting, holdsJob, removeJob } from './lane-scripts.ts';
import { defineScript, type RunScript } from './script.ts';

export interface SenderScripts {
  readonly add: RunScript;
  readonly remove: RunScript;
  readonly holds: RunScript;
  readonly count: RunScript;
}

export const senderScripts = (redis: Redis): SenderScripts => ({
  add: defineScript(redis, addJob),
  remove: defineScript(redis, removeJob),
  holds: defineScript(redis, holdsJob),
  count: defineScript(redis, countWaiting),
});

export interface SenderOptions {
  readonly lane: LaneName;
  readonly prefix: string;
  readonly laneDepthMax: number;
  readonly fabricClosed: () => boolean;
}

/** Every call is one round trip on the connection that all senders share. */
export const laneSender = <Body>(
  scripts: SenderScripts,
  { lane, prefix, laneDepthMax, fabricClosed }: SenderOptions,
): LaneSender<Body> => {
  const keys = laneKeys(prefix, lane);
  let closed = false;
  return {
    add: async ({ id, body, priority = 0 }) => {
      assertPriority(priority);
      if (closed || fabricClosed()) return { kind: 'rejected', reason: 'closed' };
      const queueJob = queueJobId(id);
      const outcome = await scripts.add(
        keys.base + queueJob,
        keys.wait,
        keys.prioritized,
        keys.priorityCounter,
        keys.marker,
        queueJob,
        JSON.stringify(body),
        priority,
        Date.now(),
        laneDepthMax,
      );
      if (outcome === 1) return { kind: 'added' };
      return outcome === 0 ? { kind: 'duplicate' } : { kind: 'rejected', reason: 'full' };
    },
    remove: async (id) => {
      const queueJob = queueJobId(id);
      const job = keys.base + queueJob;
      return (await scripts.remove(job, keys.wait, keys.prioritized, queueJob)) === 1;
    },
    holds: async (id) => (await scripts.holds(keys.base + queueJobId(id))) === 1,
    depth: async () => Number(await scripts.count(keys.wait, keys.prioritized)),
    close: async () => {
      closed = true;
    },
  };
};
