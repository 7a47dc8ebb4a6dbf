import { Fault, jobId } from '@isotherm/kernel';
import {
  batchLane,
  type BatchItem,
  deliveriesMax,
  type Delivery,
  type Fabric,
} from '@isotherm/lanes';
import type { Logger } from '@isotherm/runtime';
import { failed, type ItemResult } from './run-item.ts';

export interface BatchRunnerOptions {
  readonly fabric: Pick<Fabric, 'lanes' | 'batches'>;
  /** Most items in hand; 0 leaves them to other routers. */
  readonly batchConcurrency: number;
  readonly logger: Logger;
  /** Undefined where the signal has ended it. */
  run(item: BatchItem, request: Uint8Array, signal: AbortSignal): Promise<ItemResult | undefined>;
}

/** Runs items of batches, as one of all routers. */
export interface BatchRunner {
  /** Tells the lane that it is the turn of these items; what is lost here is found again within `sweepMs`. */
  queue(items: readonly BatchItem[]): Promise<void>;
  /** Takes no more items; those in hand go on. */
  pause(): void;
  /** Ends what is in hand without a result: another router takes it. */
  close(): Promise<void>;
}

/** How often batches are looked at for items that no lane job is left of, and for those that have ended, in ms. */
const sweepMs = 2000;

/** An item that has taken so many routers down with it is not tried again; the lane would drop it without a word. */
const triesMax = deliveriesMax - 2;

export const startBatchRunner = async (options: BatchRunnerOptions): Promise<BatchRunner> => {
  const { fabric, logger, run, batchConcurrency } = options;
  const { lanes, batches } = fabric;
  const sender = lanes.sender<BatchItem>(batchLane);
  const inHand = new Map<AbortController, string>();
  let closed = false;

  const queue = async (items: readonly BatchItem[]): Promise<void> => {
    for (const item of items) {
      await sender.add({ id: jobId(`${item.batchId}/${item.index}`), body: item });
    }
  };

  const resultOf = async (
    item: BatchItem,
    request: Uint8Array,
  ): Promise<ItemResult | undefined> => {
    const leave = new AbortController();
    inHand.set(leave, item.batchId);
    try {
      return await run(item, request, leave.signal);
    } finally {
      inHand.delete(leave);
    }
  };

  /** What throws here is acknowledged all the same, and found again by the sweep. */
  const handle = async ({ body: item, attempt }: Delivery<BatchItem>): Promise<void> => {
    const request = closed ? undefined : await batches.request(item);
    if (request === undefined) return;
    const result =
      attempt > triesMax ? failed(item.index, routersDied) : await resultOf(item, request);
    if (result !== undefined) await queue(await batches.record(item, result));
  };

  const sweep = async (): Promise<void> => {
    const running = await batches.running();
    for (const [leave, batchId] of inHand) if (!running.has(batchId)) leave.abort();
    for (const items of running.values()) await queue(items);
  };
  const sweepAgain = (): NodeJS.Timeout =>
    setTimeout(() => {
      sweep()
        .catch((error: unknown) => logger.debug({ err: error }, 'batches could not be looked at'))
        .finally(() => {
          if (!closed) timer = sweepAgain();
        });
    }, sweepMs).unref();

  const consumer =
    batchConcurrency > 0
      ? await lanes.consume<BatchItem>(batchLane, handle, { concurrency: batchConcurrency })
      : undefined;
  let timer = sweepAgain();

  return {
    queue,
    pause: () => void consumer?.pause(),
    close: async () => {
      closed = true;
      clearTimeout(timer);
      for (const leave of inHand.keys()) leave.abort();
      await consumer?.close();
      await sender.close();
    },
  };
};

const routersDied = new Fault(
  'internal',
  `${triesMax} routers in a row ended while they were answering this request.`,
);
