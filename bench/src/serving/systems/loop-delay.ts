import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ServiceProcess } from '@isotherm/stack';
import { round } from '../../report/percentiles.ts';

/** Reads the event-loop delay inside services that this bench starts. */
export interface LoopDelays {
  /** What the services' environment needs for it. */
  readonly settings: Readonly<Record<string, string>>;
  /** The 99th percentile of each service since the last call, in milliseconds; the worst instance of each. */
  read(processes: readonly ServiceProcess[]): Promise<Readonly<Record<string, number>>>;
  close(): Promise<void>;
}

const answerMs = 300;

export const watchLoopDelays = async (): Promise<LoopDelays> => {
  const folder = await mkdtemp(join(tmpdir(), 'isotherm-loop-delay-'));
  const probe = new URL('./loop-delay-probe.js', import.meta.url).href;
  return {
    settings: { NODE_OPTIONS: `--import=${probe}`, BENCH_LOOP_DELAY_DIR: folder },
    read: async (processes) => {
      for (const each of processes) each.kill('SIGUSR2');
      await new Promise((resolve) => setTimeout(resolve, answerMs));
      const delays: Record<string, number> = {};
      for (const { service, pid } of processes) {
        const text = await readFile(join(folder, String(pid)), 'utf8').catch(() => '{}');
        const { p99Ms = Number.NaN } = JSON.parse(text) as { p99Ms?: number };
        delays[service] = round(Math.max(delays[service] ?? 0, p99Ms));
      }
      return delays;
    },
    close: () => rm(folder, { recursive: true, force: true }),
  };
};
