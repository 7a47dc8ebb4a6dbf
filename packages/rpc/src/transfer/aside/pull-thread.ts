import { Worker } from 'node:worker_threads';
import { Fault } from '@isotherm/kernel';
import type { Payload } from '../payload.ts';
import type { PullOptions } from '../pull-try.ts';
import type { PullCall, PullReply, PullWorkerData } from './pull-calls.ts';

/**
 * Pulls large payloads in a thread. What comes over the network is copied piece by piece a few times, and its garbage is
 * collected; on the event loop that would hold up every small message. The payload itself moves to the caller's thread and
 * is not copied. The thread starts with the first pull.
 */
export interface PullThread {
  /** Faults: those of `pull`, and `unavailable` when the thread has died: the next pull starts another. */
  pull(address: string, leaseId: string, options: PullOptions): Promise<Payload>;
  /** Pulls under way fail as `unavailable`. */
  close(): void;
}

interface Waiting {
  resolve(payload: Payload): void;
  reject(reason: unknown): void;
}

/** Beside this module, whether sources or the build are running. */
const workerModule = new URL(
  `./pull-worker${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`,
  import.meta.url,
);

export const createPullThread = (data: PullWorkerData): PullThread => {
  const waiting = new Map<number, Waiting>();
  let worker: Worker | undefined;
  let numbers = 0;

  const lose = (lost: Worker, cause: unknown): void => {
    if (worker !== lost) return;
    worker = undefined;
    const fault = new Fault('unavailable', 'The thread that pulls payloads has ended.', { cause });
    for (const one of [...waiting.values()]) one.reject(fault);
  };
  const hear = (reply: PullReply): void => {
    const one = waiting.get(reply.number);
    // One whose caller has left meanwhile is nobody's.
    if (one === undefined) return;
    if (reply.kind === 'done') one.resolve(reply.payload);
    else one.reject(new Fault(reply.code, reply.message));
  };
  const open = (): Worker => {
    const opened = new Worker(workerModule, { name: 'pull-worker', workerData: data });
    // Who pulls waits for other things that keep the process alive.
    opened.unref();
    opened.on('message', hear);
    opened.on('error', (error) => lose(opened, error));
    opened.on('exit', (code) => lose(opened, new Error(`exit code ${code}`)));
    return opened;
  };
  const tell = (call: PullCall): void => (worker ??= open()).postMessage(call, []);

  return {
    pull: (address, leaseId, { signal, ...options }) =>
      new Promise((resolve, reject) => {
        signal?.throwIfAborted();
        const number = numbers++;
        const settle = (how: () => void): void => {
          signal?.removeEventListener('abort', leave);
          waiting.delete(number);
          how();
        };
        const leave = (): void => {
          settle(() => reject(signal?.reason as Error));
          worker?.postMessage({ kind: 'cancel', number } satisfies PullCall, []);
        };
        signal?.addEventListener('abort', leave, { once: true });
        waiting.set(number, {
          resolve: (payload) => settle(() => resolve(payload)),
          reject: (reason) => settle(() => reject(reason)),
        });
        tell({ kind: 'pull', number, address, leaseId, options });
      }),
    close: () => {
      const closed = worker;
      if (closed === undefined) return;
      lose(closed, new Error('closed'));
      void closed.terminate();
    },
  };
};
