import { Worker } from 'bullmq';
import { Fault } from '@isotherm/kernel';
import type { Redis } from 'ioredis';
import { deliveriesMax, type ReportProblem } from '../fabric.ts';
import type { LaneConsumer, LaneHandler, LaneName } from '../port.ts';
import { awaitJob } from './await-job.ts';
import { jobExchange } from './job-exchange.ts';
import { jobTurns } from './job-turns.ts';
import { jobIdOf, laneKeys, queueJobId, queueName } from './lane-keys.ts';

export interface ConsumerOptions {
  readonly lane: LaneName;
  readonly prefix: string;
  readonly concurrency: number;
  readonly stalledMs: number;
  /** Longest wait for Redis when the consumer opens, in milliseconds. */
  readonly connectMs: number;
  readonly report: ReportProblem;
}

/** How long `pause` and `close` wait for Redis once no handler runs, in milliseconds. */
const stopGraceMs = 2_000;

/**
 * Takes jobs, many in one call (`exchangeJobs`). What happens seldom is BullMQ's: to wait for a job, on a blocking connection
 * of its own; to renew the locks of running jobs, every quarter of `stalledMs`; to find jobs whose lock has lapsed, as often.
 */
export const laneConsumer = async <Body>(
  work: Redis,
  handler: LaneHandler<Body>,
  options: ConsumerOptions,
): Promise<LaneConsumer> => {
  const { lane, prefix, concurrency, stalledMs, report } = options;
  const worker = await openWorker(work, options);
  const token = worker.id;
  const turns = jobTurns({
    concurrency,
    exchange: jobExchange(work, { lane, prefix, token, lockMs: stalledMs }),
    job: () => awaitJob(worker.backend),
    run: async ({ id, body, attempt, dropped }) => {
      if (dropped !== undefined) {
        report({ kind: 'job_dropped', lane, cause: new Fault('internal', dropped) });
        return;
      }
      try {
        await handler({ id: jobIdOf(id), body: JSON.parse(body) as Body, attempt });
      } catch (cause) {
        report({ kind: 'handler_failed', lane, cause });
      }
    },
    failed: (cause) => report({ kind: 'store_failed', cause }),
  });
  const renew = async (): Promise<void> => {
    const { held } = turns;
    if (held.length === 0) return;
    const tokens = held.map(() => token);
    const refused = await worker.extendJobLocks([...held], tokens, stalledMs);
    const lost = refused.filter((id) => turns.held.includes(id));
    if (lost.length > 0) throw new Error(`The locks of ${lost.length} jobs were lost.`);
  };
  const renewing = setInterval(() => {
    renew().catch((cause: unknown) => report({ kind: 'store_failed', cause }));
  }, stalledMs / 4);
  void worker.startStalledCheckTimer();
  turns.begin();

  /** Waits for the handlers, then for their acknowledgement. Without Redis there is none, and the jobs are delivered again. */
  const pause = async (): Promise<void> => {
    const paused = turns.pause();
    while (!(await settlesWithin(paused, stopGraceMs)) && turns.running > 0) {
      // A job that was on its way when the pause began may have started another handler.
    }
  };
  let pausing: Promise<void> | undefined;
  return {
    ahead: (id, begin) =>
      turns.ahead(queueJobId(id), () =>
        begin().catch((cause: unknown) => report({ kind: 'handler_failed', lane, cause })),
      ),
    pause: () => (pausing ??= pause()),
    close: async () => {
      await (pausing ??= pause());
      clearInterval(renewing);
      turns.end();
      // Nothing is left to wait for, and an orderly close would wait for a Redis that is away.
      await worker.close(true);
    },
  };
};

/** A worker without a processor: BullMQ runs nothing by itself. */
const openWorker = async (
  work: Redis,
  { lane, prefix, stalledMs, connectMs, report }: ConsumerOptions,
): Promise<Worker> => {
  const worker = new Worker(queueName(lane), undefined, {
    connection: work,
    prefix,
    lockDuration: stalledMs,
    stalledInterval: Math.max(1, Math.ceil(stalledMs / 4)),
    maxStalledCount: deliveriesMax - 1,
    skipVersionCheck: true,
  });
  worker.on('error', (cause) => report({ kind: 'store_failed', cause }));
  // Nobody reads BullMQ's event stream; without this bound it would keep 10,000 entries a lane.
  const boundEvents = work.hset(laneKeys(prefix, lane).meta, 'opts.maxLenEvents', 0);
  const ready = Promise.all([boundEvents, worker.waitUntilReady()]);
  if (await settlesWithin(ready, connectMs)) return worker;
  await worker.close(true);
  throw new Fault('unavailable', 'The command queue cannot be reached.');
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
