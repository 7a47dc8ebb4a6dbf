import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { LoadOrder, LoadReport } from './load-order.ts';

/** A process that makes load, so that its work does not run on the threads that are measured. One order at a time. */
export interface LoadGenerator {
  run(order: LoadOrder): Promise<LoadReport>;
  close(): void;
}

export const startLoadGenerator = (): LoadGenerator => {
  const child = fork(fileURLToPath(new URL('./load-process.js', import.meta.url)));
  const exited = once(child, 'exit').then(() => {
    throw new Error('The load generator died.');
  });
  // It ends when it is closed; only a run in progress cares.
  exited.catch(() => undefined);
  return {
    run: async (order) => {
      const replied = once(child, 'message');
      child.send(order);
      const [report] = (await Promise.race([replied, exited])) as [LoadReport];
      return report;
    },
    close: () => {
      if (child.connected) child.disconnect();
    },
  };
};
