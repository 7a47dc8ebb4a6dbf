import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { FleetOptions } from './fleet.ts';

export interface PartResult {
  readonly wallMs: number;
  readonly events: number;
  readonly requests: number;
  /** Of the requests that were done. */
  readonly withinSloShare: number;
  readonly digest: string;
}

/** Runs each of these in a thread of its own, all at once. */
export const runParts = (parts: readonly FleetOptions[]): Promise<readonly PartResult[]> =>
  Promise.all(
    parts.map(
      (workerData) =>
        new Promise<PartResult>((resolve, reject) => {
          const worker = new Worker(join(import.meta.dirname, 'day-part.js'), { workerData });
          worker.once('message', resolve);
          worker.once('error', reject);
          worker.once('exit', (code) => {
            if (code !== 0) reject(new Error(`a part of the fleet ended with ${code}`));
          });
        }),
    ),
  );
