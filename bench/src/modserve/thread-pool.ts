import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Task, TaskResults } from './task.ts';

/** Threads that do tasks, each the next one that is left. */
export interface ThreadPool {
  run<Kind extends Task['kind']>(
    task: Extract<Task, { readonly kind: Kind }>,
  ): Promise<TaskResults[Kind]>;
  close(): Promise<void>;
}

interface Waiting {
  readonly task: Task;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

export const createThreadPool = (threads = availableParallelism()): ThreadPool => {
  const waiting: Waiting[] = [];
  const idle = Array.from(
    { length: threads },
    () => new Worker(join(import.meta.dirname, 'task-thread.js')),
  );
  const all = [...idle];
  const next = (): void => {
    const worker = idle.pop();
    if (worker === undefined) return;
    const one = waiting.shift();
    if (one === undefined) return void idle.push(worker);
    const onMessage = (result: unknown): void => {
      worker.off('error', onError);
      idle.push(worker);
      one.resolve(result);
      next();
    };
    const onError = (error: Error): void => one.reject(error);
    worker.once('message', onMessage);
    worker.once('error', onError);
    worker.postMessage(one.task, []);
    next();
  };
  return {
    run: (task) =>
      new Promise((resolve, reject) => {
        waiting.push({ task, resolve: resolve as (result: unknown) => void, reject });
        next();
      }),
    close: async () => {
      await Promise.all(all.map((worker) => worker.terminate()));
    },
  };
};
