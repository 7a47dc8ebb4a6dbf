import type { Redis } from 'ioredis';
import { assertPriority } from '../fabric.ts';
import type { LaneName, LaneSender } from '../port.ts';
import { gatherAdds } from './add-gathered.ts';
import { laneKeys, queueJobId } from './lane-keys.ts';
import { addJobs, countWaiting, holdsJob, removeJob } from './lane-scripts.ts';
import { defineScript, type RunScript } from './script.ts';

export interface SenderScripts {
  readonly add: RunScript;
  readonly remove: RunScript;
  readonly holds: RunScript;
  readonly count: RunScript;
}

export const senderScripts = (redis: Redis): SenderScripts => ({
  add: defineScript(redis, addJobs),
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

/** Every call is one round trip on the connection that all senders share; adds of one turn of the event loop share one. */
export const laneSender = <Body>(
  scripts: SenderScripts,
  { lane, prefix, laneDepthMax, fabricClosed }: SenderOptions,
): LaneSender<Body> => {
  const { base, wait, prioritized, priorityCounter, marker } = laneKeys(prefix, lane);
  const adds = gatherAdds((...fields) =>
    scripts.add(
      ...[wait, prioritized, priorityCounter, marker],
      ...[base, Date.now(), laneDepthMax, ...fields],
    ),
  );
  let closed = false;
  return {
    add: async ({ id, body, priority = 0 }) => {
      assertPriority(priority);
      if (closed || fabricClosed()) return { kind: 'rejected', reason: 'closed' };
      return adds.add(id, JSON.stringify(body), priority);
    },
    remove: async (id) => {
      adds.flush();
      const job = queueJobId(id);
      return (await scripts.remove(base + job, wait, prioritized, job)) === 1;
    },
    holds: async (id) => {
      adds.flush();
      return (await scripts.holds(base + queueJobId(id))) === 1;
    },
    depth: async () => {
      adds.flush();
      return Number(await scripts.count(wait, prioritized));
    },
    close: async () => {
      closed = true;
    },
  };
};
