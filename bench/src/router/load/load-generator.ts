import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { LoadOrder, LoadOutcome } from './drive.ts';

/** Drives load from a process of its own, whose code stays compiled from one order to the next. */
export interface LoadGenerator {
  /** One order at a time. */
  drive(order: LoadOrder): Promise<LoadOutcome>;
  stop(): Promise<void>;
}

export const startLoadGenerator = (nice = 0): LoadGenerator => {
  const child = fork(fileURLToPath(new URL('./load-process.js', import.meta.url)), [], {
    env: { ...process.env, ISOTHERM_NICE: String(nice) },
  });
  const exited = once(child, 'exit');
  const died = exited.then(() => Promise.reject(new Error('The load generator died.')));
  died.catch(() => undefined);
  return {
    drive: async (order) => {
      const replied = once(child, 'message');
      child.send(order);
      const [outcome] = (await Promise.race([replied, died])) as [LoadOutcome];
      return outcome;
    },
    stop: async () => {
      child.disconnect();
      await exited;
    },
  };
};
