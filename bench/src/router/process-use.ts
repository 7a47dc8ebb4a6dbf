import { readFile } from 'node:fs/promises';
import { round } from '../report/percentiles.ts';

/** What processes have used: processor time so far, and memory that is theirs now. */
export interface Use {
  readonly processorMs: number;
  readonly residentMb: number;
}

/** Linux counts processor time in hundredths of a second for everybody who asks. */
const tickMs = 10;

/** Summed over processes; undefined where there is no /proc. */
export const useOf = async (pids: readonly number[]): Promise<Use | undefined> => {
  try {
    const uses = await Promise.all(pids.map(useOfProcess));
    return {
      processorMs: uses.reduce((sum, { processorMs }) => sum + processorMs, 0),
      residentMb: round(uses.reduce((sum, { residentMb }) => sum + residentMb, 0)),
    };
  } catch {
    return undefined;
  }
};

const useOfProcess = async (pid: number): Promise<Use> => {
  const [stat, status] = await Promise.all(
    ['stat', 'status'].map((name) => readFile(`/proc/${pid}/${name}`, 'utf8')),
  );
  // The name in parentheses may hold spaces; user and system time are fields 14 and 15.
  const fields = (stat ?? '').slice((stat ?? '').lastIndexOf(')') + 2).split(' ');
  const kib = Number(/VmRSS:\s+(\d+)/.exec(status ?? '')?.[1] ?? 0);
  return {
    processorMs: (Number(fields[11]) + Number(fields[12])) * tickMs,
    residentMb: kib / 1024,
  };
};
