import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { DoomedOrders } from './doomed-process.ts';
import type { Doomed } from './harness.ts';
import { recorder } from './recorder.ts';

/** Starts a process that does as told until it is killed by SIGKILL, which it cannot notice. */
export const doomedChild = async (orders: DoomedOrders): Promise<Doomed> => {
  const file = fileURLToPath(new URL('./doomed-process.js', import.meta.url));
  const child = spawn(process.execPath, [file, JSON.stringify(orders)], {
    // Its standard input ends when this process does, and then so does the child.
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const said = recorder<string>();
  const taken = recorder<string>();
  createInterface({ input: child.stdout }).on('line', (line) => {
    (line === 'taken' ? taken : said).push(line);
  });
  const early = exited.then(() => {
    throw new Error('The doomed process ended before it was killed.');
  });
  early.catch(() => {});
  await Promise.race([said.first((line) => line === 'ready'), early]);
  return {
    taken: async (count) => void (await Promise.race([taken.count(count), early])),
    kill: async () => {
      child.kill('SIGKILL');
      await exited;
    },
  };
};
