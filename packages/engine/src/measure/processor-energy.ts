import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { EnergyMeter } from './timed-runs.ts';

/** Where Linux shows what processors have taken (RAPL); reading it takes a right that not every user has. */
const powercap = '/sys/class/powercap';
/** Whole processors; what is below them is part of them. */
const packagePattern = /^intel-rapl:\d+$/;

/** The processors' own counters, added up; a meter of nothing where there are none, or where they may not be read. */
export const processorEnergy = (folder = powercap): EnergyMeter => {
  const last = new Map<string, number>();
  let totalJ = 0;
  return {
    joules: async () => {
      const names = await packagesIn(folder);
      const readings = await Promise.all(names.map((name) => read(join(folder, name))));
      const known = readings.flatMap((reading) => (reading === undefined ? [] : [reading]));
      if (known.length === 0 || known.length < names.length) return undefined;
      for (const { path, microjoules, rangeMicrojoules } of known) {
        const before = last.get(path) ?? microjoules;
        const grown = microjoules - before;
        // The counter begins anew at its range.
        totalJ += (grown >= 0 ? grown : grown + rangeMicrojoules) / 1e6;
        last.set(path, microjoules);
      }
      return totalJ;
    },
  };
};

const packagesIn = async (folder: string): Promise<readonly string[]> => {
  try {
    return (await readdir(folder)).filter((name) => packagePattern.test(name));
  } catch {
    return [];
  }
};

interface Reading {
  readonly path: string;
  readonly microjoules: number;
  readonly rangeMicrojoules: number;
}

const read = async (path: string): Promise<Reading | undefined> => {
  try {
    const [energy, range] = await Promise.all(
      ['energy_uj', 'max_energy_range_uj'].map((file) => readFile(join(path, file), 'utf8')),
    );
    const reading = { path, microjoules: Number(energy), rangeMicrojoules: Number(range) };
    return Number.isFinite(reading.microjoules + reading.rangeMicrojoules) ? reading : undefined;
  } catch {
    return undefined;
  }
};
