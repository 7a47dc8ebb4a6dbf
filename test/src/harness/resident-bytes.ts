import { readFileSync } from 'node:fs';

/** Memory of a process that is in RAM, in bytes. */
export const residentBytes = (pid: number): number => {
  const kib = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return 1024 * Number(kib ?? 0);
};
