import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { LoadOrder, LoadOutcome } from './load-process.ts';

/** Drives load from a process of its own, so that its work does not run on the threads that are measured. */
export const measureThroughput = async (order: LoadOrder): Promise<LoadOutcome> => {
  const child = fork(fileURLToPath(new URL('./load-process.js', import.meta.url)));
  const exited = once(child, 'exit');
  const replied = once(child, 'message');
  child.send(order);
  const [outcome] = (await Promise.race([
    replied,
    exited.then(() => Promise.reject(new Error('The load generator died.'))),
  ])) as [LoadOutcome];
  await exited;
  return outcome;
};
