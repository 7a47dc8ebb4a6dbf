import { readFile } from 'node:fs/promises';
import type { LocalStack, ServiceName } from '@isotherm/stack';
import { round } from '../report/percentiles.ts';

/** Processor time by service, in milliseconds. It grows with work alone, whoever else wants the cores. */
export type CpuMs = Readonly<Partial<Record<ServiceName, number>>>;

const services = ['router', 'prefill', 'decode'] as const;
/** Linux counts processor time in hundredths of a second for everybody who asks. */
const tickMs = 10;

/** Processor time so far of the services on a text's path; empty where there is no /proc. */
export const cpuOfServices = async (stack: LocalStack): Promise<CpuMs> => {
  const entries = services.map(async (service): Promise<[ServiceName, number]> => {
    const times = stack.instances(service).map(({ pid }) => cpuOfProcess(pid));
    return [service, (await Promise.all(times)).reduce((sum, ms) => sum + ms, 0)];
  });
  return Object.fromEntries(await Promise.all(entries).catch(() => []));
};

/** What was used between two readings, for each of `count` requests. */
export const cpuPerRequest = (before: CpuMs, after: CpuMs, count: number): CpuMs =>
  Object.fromEntries(
    services
      .filter((service) => after[service] !== undefined)
      .map((service) => [
        service,
        round(((after[service] ?? 0) - (before[service] ?? 0)) / Math.max(1, count)),
      ]),
  );

const cpuOfProcess = async (pid: number): Promise<number> => {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  // The name in parentheses may hold spaces; user and system time are fields 14 and 15.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * tickMs;
};
