import { MessageChannel } from 'node:worker_threads';
import type { ExperimentResult } from '@isotherm/simulator';
import { Tinypool } from 'tinypool';

/** Which run: of which file, in which arm, from which seed. */
export interface RunOrder {
  readonly file: string;
  readonly arm: string;
  readonly seed: number;
  /** Simulated time instead of the experiment's own. */
  readonly hours?: number | undefined;
}

export interface RunOptions {
  readonly threads: number;
  readonly signal: AbortSignal;
  /** Share of one of the orders that is done, by its number. */
  onProgress(order: number, share: number): void;
  onResult(order: RunOrder, result: ExperimentResult): Promise<void>;
}

/** Does orders one after the other on so many threads; ends all of them when one fails, or the signal says so. */
export const runOrders = async (
  orders: readonly RunOrder[],
  { threads, signal, onProgress, onResult }: RunOptions,
): Promise<void> => {
  if (orders.length === 0) return;
  const filename = new URL('run-thread.js', import.meta.url).href;
  const pool = new Tinypool({ filename, minThreads: threads, maxThreads: threads });
  const failed = new AbortController();
  const stop = AbortSignal.any([signal, failed.signal]);
  const left = [...orders.entries()];
  const work = async (): Promise<void> => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) {
      const [number, order] = next;
      const { port1, port2 } = new MessageChannel();
      port1.on('message', (share: number) => onProgress(number, share));
      try {
        stop.throwIfAborted();
        const task = { order, progress: port2 };
        const options = { name: 'runOrder', signal: stop, transferList: [port2] };
        await onResult(order, (await pool.run(task, options)) as ExperimentResult);
      } catch (thrown) {
        failed.abort(thrown);
        throw thrown;
      } finally {
        port1.close();
      }
    }
  };
  const all = await Promise.allSettled(Array.from({ length: threads }, work));
  await pool.destroy();
  if (signal.aborted) throw signal.reason as Error;
  if (all.some(({ status }) => status === 'rejected')) throw failed.signal.reason as Error;
};
