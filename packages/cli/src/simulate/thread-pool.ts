import { Worker } from 'node:worker_threads';
import type { ExperimentResult } from '@isotherm/simulator';

/** Which run: of which file, in which arm, from which seed. */
export interface RunOrder {
  readonly file: string;
  readonly arm: string;
  readonly seed: number;
  /** Simulated time instead of the experiment's own. */
  readonly hours?: number | undefined;
}

export type RunMessage =
  | { readonly kind: 'progress'; readonly share: number }
  | { readonly kind: 'done'; readonly result: ExperimentResult };

export interface PoolOptions {
  readonly threads: number;
  readonly signal: AbortSignal;
  /** Share of one of the orders that is done, by its number. */
  onProgress(order: number, share: number): void;
  onResult(order: RunOrder, result: ExperimentResult): Promise<void>;
}

/** Does orders one after the other on so many threads; ends all of them when one fails, or the signal says so. */
export const runOrders = async (
  orders: readonly RunOrder[],
  { threads, signal, onProgress, onResult }: PoolOptions,
): Promise<void> => {
  const left = [...orders.entries()];
  const failed = new AbortController();
  const stop = AbortSignal.any([signal, failed.signal]);
  const work = async (): Promise<void> => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) {
      const [number, order] = next;
      try {
        stop.throwIfAborted();
        const result = await runOrder(order, stop, (share) => onProgress(number, share));
        await onResult(order, result);
      } catch (thrown) {
        failed.abort(thrown);
        throw thrown;
      }
    }
  };
  const all = await Promise.allSettled(Array.from({ length: threads }, work));
  const failure = all.find((each) => each.status === 'rejected');
  if (failure !== undefined) throw failure.reason;
};

const runOrder = async (
  order: RunOrder,
  signal: AbortSignal,
  onProgress: (share: number) => void,
): Promise<ExperimentResult> => {
  const worker = new Worker(new URL('run-thread.js', import.meta.url), { workerData: order });
  const onAbort = (): void => void worker.terminate();
  signal.addEventListener('abort', onAbort);
  try {
    return await new Promise((resolve, reject) => {
      worker.on('message', (message: RunMessage) => {
        if (message.kind === 'progress') onProgress(message.share);
        else resolve(message.result);
      });
      worker.once('error', reject);
      worker.once('exit', () =>
        reject(signal.aborted ? (signal.reason as Error) : new Error('A run ended early.')),
      );
    });
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
};
