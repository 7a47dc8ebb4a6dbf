import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The sets that the fit reads, below a folder of data that the project does not own. */
const files = {
  temperatures: 'biohpc.tar.xz',
  splitwise: join('splitwise-sim', 'perf_model.csv'),
  mlEnergy: 'ml-energy',
} as const;

/** Names of what is missing below the folder. */
export const missingData = (folder: string): readonly string[] =>
  Object.values(files).filter((file) => !existsSync(join(folder, file)));

export interface OpenedData {
  /** Unpacked into a temporary folder. */
  readonly temperatures: string;
  readonly splitwise: string;
  readonly mlEnergy: string;
  close(): Promise<void>;
}

/** Unpacks what is packed, with the system's tar. */
export const openData = async (folder: string): Promise<OpenedData> => {
  const unpacked = await mkdtemp(join(tmpdir(), 'isotherm-plant-fit-'));
  const tar = spawnSync('tar', ['-xJf', join(folder, files.temperatures), '-C', unpacked], {
    encoding: 'utf8',
  });
  if (tar.status !== 0) throw new Error(`tar could not unpack the temperatures: ${tar.stderr}`);
  return {
    temperatures: join(unpacked, 'biohpc'),
    splitwise: join(folder, files.splitwise),
    mlEnergy: join(folder, files.mlEnergy),
    close: () => rm(unpacked, { recursive: true, force: true }),
  };
};
