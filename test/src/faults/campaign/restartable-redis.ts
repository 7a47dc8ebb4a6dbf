import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ProvidedRedis, startOwnRedis } from '../../harness/own-redis.ts';
import { quietPorts } from '../link/quiet-ports.ts';

/** A Redis that dies as a process does, and comes back in the same place with or without its data. */
export interface RestartableRedis {
  readonly url: string;
  signal(name: 'SIGSTOP' | 'SIGCONT'): void;
  /** kill -9. */
  die(): Promise<void>;
  /** Starts it again if it is dead. */
  comeBack(data: 'kept' | 'lost'): Promise<void>;
  close(): Promise<void>;
}

export const startRestartableRedis = async (): Promise<RestartableRedis> => {
  const folder = mkdtempSync(join(tmpdir(), 'isotherm-kept-redis-'));
  const [port = 0] = await quietPorts(1);
  const data = join(folder, 'data-');
  let generation = 0;
  let keepIn = mkdtempSync(data);
  let running: ProvidedRedis | undefined = await startOwnRedis({ port, keepIn });
  const { url } = running;
  return {
    url,
    signal: (name) => running?.kill(name),
    die: async () => {
      const dying = running;
      running = undefined;
      dying?.kill('SIGKILL');
      await dying?.stop();
    },
    comeBack: async (what) => {
      if (running !== undefined) return;
      generation += 1;
      if (what === 'lost') keepIn = mkdtempSync(`${data}${generation}-`);
      running = await startOwnRedis({ port, keepIn });
    },
    close: async () => {
      await running?.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
};
