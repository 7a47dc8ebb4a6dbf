import { Worker } from 'bullmq';
import { Fault } from '@isotherm/kernel';
import type { Redis } from 'ioredis';
import { deliveriesMax, type ReportProblem } from '../fabric.ts';
import type { LaneConsumer, LaneHandler, LaneName } from '../port.ts';
import { jobIdOf, laneKeys, queueName } from './lane-keys.ts';

export interface ConsumerOptions {
  readonly lane: LaneName;
  readonly prefix: string;
  readonly concurrency: number;
  readonly stalledMs: number;
  /** Longest wait for Redis when the consumer opens, in milliseconds. */
  readonly connectMs: number;
  readonly report: ReportProblem;
}

/** How long an idle worker blocks before it asks again, in seconds. */
const blockSeconds = 1;
/** Pause after a command that failed because Redis was away, in milliseconds. */
const retryMs = 100;
/** How long `pause` and `close` wait for Redis once no handler runs, in milliseconds. */
const stopGraceMs = 2_000;

/**
 * A BullMQ worker on `work`, with a blocking connection of its own. A running job's lock is
 * renewed every half `stalledMs`; a job whose lock has lapsed is found within a quarter more.
 */
export const laneConsumer = async <Body>(
  work: Redis,
  handler: LaneHandler<Body>,
  { lane, prefix, concurrency, stalledMs, connectMs, report }: ConsumerOptions,
): Promise<LaneConsumer> => {
  let running = 0;
  const idle: (() => void)[] = [];

  const worker = new Worker<Body, void>(
    queueName(lane),
    async (job) => {
      running++;
      try {
        const id = jobIdOf(job.id ?? '');
        await handler({ id, body: job.data, attempt: job.attemptsStarted });
      } catch (cause) {
        report({ kind: 'handler_failed', lane, cause });
      } finally {
        running--;
        if (running === 0) for (const resolve of idle.splice(0)) resolve();
      }
    },
    {
      connection: work,
      prefix,
      concurrency,
      drainDelay: blockSeconds,
      lockDuration: stalledMs,
      stalledInterval: Math.max(1, Math.ceil(stalledMs / 4)),
      maxStalledCount: deliveriesMax - 1,
      runRetryDelay: retryMs,
      removeOnComplete: { count: 0 },
      removeOnFail: { count: 0 },
      skipVersionCheck: true,
    },
  );
  worker.on('failed', (_job, cause) => report({ kind: 'job_dropped', lane, cause }));
  worker.on('error', (cause) => report({ kind: 'store_failed', cause }));
  // Nobody reads BullMQ's event stream; without this bound it would keep 10,000 entries a lane.
  const boundEvents = work.hset(laneKeys(prefix, lane).meta, 'opts.maxLenEvents', 0);
  const ready = Promise.all([boundEvents, worker.waitUntilReady()]);
  if (!(await settlesWithin(ready, connectMs))) {
    await worker.close(true);
    throw new Fault('unavailable', 'The command queue cannot be reached.');
  }

  const handlersDone = async (): Promise<void> => {
    if (running > 0) await new Promise<void>((resolve) => idle.push(resolve));
  };

  let pausing: Promise<void> | undefined;
  /**
   * Waits for the handlers, then for BullMQ to have acknowledged them. Without Redis it cannot:
   * then the handlers' end has to do, and the jobs are delivered again elsewhere.
   */
  const pause = async (): Promise<void> => {
    const paused = worker.pause();
    do {
      await handlersDone();
      // A job that was on its way when the pause began may have started another handler.
    } while (!(await settlesWithin(paused, stopGraceMs)) && running > 0);
  };

  return {
    pause: () => (pausing ??= pause()),
    close: async () => {
      await (pausing ??= pause());
      // Nothing is left to wait for, and an orderly close would wait for a Redis that is away.
      await worker.close(true);
    },
  };
};

const settlesWithin = async (work: Promise<unknown>, graceMs: number): Promise<boolean> => {
  let timer: NodeJS.Timeout | undefined;
  const expired = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), graceMs);
  });
  try {
    return await Promise.race([work.then(() => true), expired]);
  } finally {
    clearTimeout(timer);
  }
};
