import type { Job } from './station-bank.ts';
import type { WaitingLines } from './waiting-lines.ts';

/** How long a large piece of work lets smaller ones go before, as the engines of the live stack do it. */
export interface Patience {
  /** How often a job is passed over at most; then it goes before all that came after it. */
  readonly passedOverMax: number;
  /** By whom: by whoever goes, as prompts count it, or only by who came later, as media do. */
  readonly by: 'anybody' | 'later';
}

interface Entry {
  readonly job: Job;
  passedOver: number;
}

const none = -1;

/**
 * Short first, but nobody waits for ever: with a full line of many this is nearly first come, first served. A job may wait with
 * several pieces, and is as large as those that are left. Looks at all who wait each time: for lines of dozens.
 */
export const createPatientLines = (
  lines: number,
  { passedOverMax, by }: Patience,
  tokensOf: (job: Job) => number,
): WaitingLines => {
  /** Of each line, in order of arrival. */
  const waiting: Entry[][] = Array.from({ length: lines }, () => []);

  const nextOf = (entries: readonly Entry[]): number => {
    const patient = entries.findIndex(({ passedOver }) => passedOver >= passedOverMax);
    if (patient >= 0) return patient;
    const sizes = new Map<Job, number>();
    for (const { job } of entries) sizes.set(job, (sizes.get(job) ?? 0) + tokensOf(job));
    let best = none;
    let least = Infinity;
    entries.forEach(({ job }, index) => {
      const size = sizes.get(job) ?? 0;
      if (size < least) [best, least] = [index, size];
    });
    return best;
  };
  const lineOf = (line: number): Entry[] => waiting[line] as Entry[];

  return {
    push: (line, job) => {
      lineOf(line).push({ job, passedOver: 0 });
    },
    peek: (line) => lineOf(line)[nextOf(lineOf(line))]?.job ?? none,
    shift: (line) => {
      const entries = lineOf(line);
      const next = nextOf(entries);
      const [taken] = next < 0 ? [] : entries.splice(next, 1);
      if (taken === undefined) return none;
      const passed = by === 'anybody' ? entries : entries.slice(0, next);
      for (const entry of passed) entry.passedOver += 1;
      return taken.job;
    },
    size: (line) => lineOf(line).length,
  };
};
