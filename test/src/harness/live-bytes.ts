import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ServiceProcess } from '@isotherm/stack';
import { until } from './until.ts';

/** Asks services for the memory that they still refer to. */
export interface LiveBytes {
  /** What the services have to be started with. */
  readonly settings: Readonly<Record<string, string>>;
  /** Heap and external memory of a service's event loop after a full collection, in bytes. */
  of(service: ServiceProcess): Promise<number>;
  close(): void;
}

const collectMsMax = 20_000;

export const liveBytes = (): LiveBytes => {
  const folder = mkdtempSync(join(tmpdir(), 'isotherm-live-'));
  const hook = new URL('./collect-on-signal.js', import.meta.url).href;
  return {
    settings: { NODE_OPTIONS: `--import=${hook}`, ISOTHERM_TEST_LIVE_BYTES_DIR: folder },
    of: async ({ pid, kill }) => {
      const file = join(folder, String(pid));
      rmSync(file, { force: true });
      kill('SIGUSR2');
      const written = (): string => (existsSync(file) ? readFileSync(file, 'utf8') : '');
      await until(`process ${pid} has collected its garbage`, () => written() !== '', collectMsMax);
      return Number(written());
    },
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
};
