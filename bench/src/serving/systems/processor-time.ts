import { readFile } from 'node:fs/promises';
import { round } from '../../report/percentiles.ts';
import type { System } from './system.ts';

/** Processor time by service, in milliseconds. It grows with work alone, whoever else wants the cores. */
export type ProcessorMs = Readonly<Record<string, number>>;

/** Linux counts processor time in hundredths of a second for everybody who asks. */
const tickMs = 10;

/** So far, summed over the processes of a service; empty where there is no /proc. */
export const processorMsOf = async ({ processes }: System): Promise<ProcessorMs> => {
  const sums: Record<string, number> = {};
  for (const { service, pid } of processes) {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
    if (stat === undefined) return {};
    // The name in parentheses may hold spaces; user and system time are fields 14 and 15.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    sums[service] = (sums[service] ?? 0) + (Number(fields[11]) + Number(fields[12])) * tickMs;
  }
  return sums;
};

/** What was used between two readings, for each of `count` requests. */
export const processorMsEach = (
  before: ProcessorMs,
  after: ProcessorMs,
  count: number,
): ProcessorMs =>
  Object.fromEntries(
    Object.entries(after).map(([service, ms]) => [
      service,
      round((ms - (before[service] ?? 0)) / Math.max(1, count)),
    ]),
  );
