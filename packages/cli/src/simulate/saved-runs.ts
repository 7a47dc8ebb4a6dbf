import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ExperimentResult } from '@isotherm/simulator';
import type { RunOrder } from './run-orders.ts';

/** Results of runs as files, so that a sweep that was interrupted goes on where it was. */
export interface SavedRuns {
  /** Undefined: not there, or of an experiment that read differently. */
  load(order: RunOrder): Promise<ExperimentResult | undefined>;
  save(order: RunOrder, result: ExperimentResult): Promise<void>;
}

export const savedRuns = (folder: string, fingerprint: string): SavedRuns => {
  const fileOf = ({ arm, seed }: RunOrder): string => join(folder, `${arm}-seed-${seed}.json`);
  return {
    load: async (order) => {
      try {
        const saved = JSON.parse(await readFile(fileOf(order), 'utf8')) as SavedRun;
        return saved.fingerprint === fingerprint ? saved.result : undefined;
      } catch {
        return undefined;
      }
    },
    save: async (order, result) => {
      await mkdir(folder, { recursive: true });
      const file = fileOf(order);
      const saved: SavedRun = { fingerprint, result };
      // A half-written file would be read as a run that is not there; a renamed one is whole.
      await writeFile(`${file}.part`, JSON.stringify(saved));
      await rename(`${file}.part`, file);
    },
  };
};

interface SavedRun {
  readonly fingerprint: string;
  readonly result: ExperimentResult;
}
