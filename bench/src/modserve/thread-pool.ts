import { availableParallelism } from 'node:os';
import { Tinypool } from 'tinypool';
import type { Task, TaskResults } from './task.ts';

/** Threads that do tasks, each the next one that is left. */
export interface ThreadPool {
  run<Kind extends Task['kind']>(
    task: Extract<Task, { readonly kind: Kind }>,
  ): Promise<TaskResults[Kind]>;
  close(): Promise<void>;
}

export const createThreadPool = (threads = availableParallelism()): ThreadPool => {
  const filename = new URL('task.js', import.meta.url).href;
  const pool = new Tinypool({ filename, minThreads: threads, maxThreads: threads });
  return {
    run: <Kind extends Task['kind']>(task: Extract<Task, { readonly kind: Kind }>) =>
      pool.run(task, { name: 'doTask' }) as Promise<TaskResults[Kind]>,
    close: () => pool.destroy(),
  };
};
