import { Queue } from 'bullmq';
import { Fault } from '@isotherm/kernel';
import { assertConcurrency, type ReportProblem } from '../fabric.ts';
import type { FabricLimits, LaneConsumer, LaneName, Lanes } from '../port.ts';
import type { Connections } from './connections.ts';
import { laneConsumer } from './lane-consumer.ts';
import { queueName } from './lane-keys.ts';
import { laneSender, senderScripts } from './lane-sender.ts';
import { unavailable } from './script.ts';

export interface RedisLanesOptions {
  readonly prefix: string;
  readonly limits: FabricLimits;
  /** Longest wait for Redis when a consumer opens, in milliseconds. */
  readonly connectMs: number;
  readonly report: ReportProblem;
}

export const redisLanes = (
  connections: Connections,
  { prefix, limits, connectMs, report }: RedisLanesOptions,
): Lanes => {
  const { commands } = connections;
  const scripts = senderScripts(commands);
  const consumers = new Set<LaneConsumer>();
  let closed = false;

  const obliterate = async (lane: LaneName): Promise<void> => {
    const queue = new Queue(queueName(lane), {
      connection: commands,
      prefix,
      skipMetasUpdate: true,
      skipVersionCheck: true,
      skipWaitingForReady: true,
    });
    queue.on('error', (cause) => report({ kind: 'store_failed', cause }));
    try {
      await queue.obliterate({ force: true });
    } catch (cause) {
      throw unavailable(cause);
    } finally {
      await queue.close();
    }
  };

  return {
    sender: (lane) =>
      laneSender(scripts, {
        lane,
        prefix,
        laneDepthMax: limits.laneDepthMax,
        fabricClosed: () => closed,
      }),
    consume: async (lane, handler, { concurrency }) => {
      assertConcurrency(concurrency);
      if (closed) throw new Fault('unavailable', 'The lanes are closed.');
      const { stalledMs } = limits;
      const options = { lane, prefix, concurrency, stalledMs, connectMs, report };
      const inner = await laneConsumer(await connections.work(), handler, options);
      const consumer: LaneConsumer = {
        ahead: (id, run) => inner.ahead(id, run),
        pause: () => inner.pause(),
        close: async () => {
          consumers.delete(consumer);
          await inner.close();
        },
      };
      consumers.add(consumer);
      return consumer;
    },
    obliterate,
    healthy: () => !closed && commands.status === 'ready',
    close: async () => {
      closed = true;
      await Promise.all([...consumers].map((consumer) => consumer.close()));
    },
  };
};
