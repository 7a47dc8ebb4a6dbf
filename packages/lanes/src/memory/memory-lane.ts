import { Fault, type JobId } from '@isotherm/kernel';
import { assertPriority, deliveriesMax, type ReportProblem } from '../fabric.ts';
import type { AddOutcome, LaneHandler, LaneJob, LaneName } from '../port.ts';

/** A job inside the lane; `sequence` orders equal priorities. */
export interface Entry {
  readonly id: JobId;
  readonly body: unknown;
  /** -1 for a job that is delivered again: it goes before all others. */
  readonly priority: number;
  readonly sequence: number;
  readonly attempt: number;
}

/** The receiving side as the lane sees it. */
export interface LaneTaker {
  readonly handler: LaneHandler<unknown>;
  readonly concurrency: number;
  readonly running: Set<Entry>;
  state: 'taking' | 'paused' | 'dead';
  /** Called whenever a handler has settled. */
  settled(): void;
}

export interface MemoryLane {
  add(job: LaneJob<unknown>): AddOutcome;
  remove(id: JobId): boolean;
  /** Whether the job waits or runs. */
  holds(id: JobId): boolean;
  depth(): number;
  attach(taker: LaneTaker): void;
  detach(taker: LaneTaker): void;
  /** Delivers again what a dead taker had taken. */
  redeliver(taker: LaneTaker): void;
  clear(): void;
}

const before = (a: Entry, b: Entry): boolean =>
  a.priority < b.priority || (a.priority === b.priority && a.sequence < b.sequence);

/** One lane: an ordered array of waiting jobs (bounded, so insertion may shift) and its takers. */
export const memoryLane = (name: LaneName, depthMax: number, report: ReportProblem): MemoryLane => {
  const waiting: Entry[] = [];
  /** What waits or runs, by id: a second job with one of these ids is a duplicate. */
  const known = new Map<JobId, Entry>();
  const takers: LaneTaker[] = [];
  let sequence = 0;

  const insert = (entry: Entry): void => {
    let low = 0;
    let high = waiting.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const other = waiting[middle];
      if (other !== undefined && before(other, entry)) low = middle + 1;
      else high = middle;
    }
    waiting.splice(low, 0, entry);
  };

  const admit = (entry: Entry): void => {
    known.set(entry.id, entry);
    insert(entry);
  };

  const forget = (entry: Entry): void => {
    if (known.get(entry.id) === entry) known.delete(entry.id);
  };

  const run = async (taker: LaneTaker, entry: Entry): Promise<void> => {
    try {
      await taker.handler({ id: entry.id, body: entry.body, attempt: entry.attempt });
    } catch (cause) {
      report({ kind: 'handler_failed', lane: name, cause });
    }
    // A dead taker acknowledges nothing, and an obliterated job has nothing to acknowledge.
    if (taker.state === 'dead') return;
    taker.running.delete(entry);
    forget(entry);
    taker.settled();
    dispatch();
  };

  /** Gives waiting jobs to takers with a free slot, the least loaded first. */
  const dispatch = (): void => {
    while (waiting.length > 0) {
      const free = takers
        .filter((taker) => taker.state === 'taking' && taker.running.size < taker.concurrency)
        .sort((a, b) => a.running.size - b.running.size)[0];
      const entry = free === undefined ? undefined : waiting.shift();
      if (free === undefined || entry === undefined) return;
      free.running.add(entry);
      // The handler starts on its own, as it does behind a real queue, and waits for nothing else that happens.
      process.nextTick(() => void run(free, entry));
    }
  };

  return {
    add: ({ id, body, priority = 0 }) => {
      assertPriority(priority);
      if (known.has(id)) return { kind: 'duplicate' };
      if (waiting.length >= depthMax) return { kind: 'rejected', reason: 'full' };
      admit({ id, body, priority, sequence: sequence++, attempt: 1 });
      dispatch();
      return { kind: 'added' };
    },
    remove: (id) => {
      const index = waiting.findIndex((entry) => entry.id === id);
      if (index < 0) return false;
      waiting.splice(index, 1);
      known.delete(id);
      return true;
    },
    holds: (id) => known.has(id),
    depth: () => waiting.length,
    attach: (taker) => {
      takers.push(taker);
      dispatch();
    },
    detach: (taker) => {
      const index = takers.indexOf(taker);
      if (index >= 0) takers.splice(index, 1);
    },
    redeliver: (taker) => {
      for (const entry of taker.running) {
        if (known.get(entry.id) !== entry) continue;
        if (entry.attempt < deliveriesMax) {
          admit({ ...entry, priority: -1, attempt: entry.attempt + 1 });
          continue;
        }
        forget(entry);
        const cause = new Fault('internal', 'The job was delivered too often.');
        report({ kind: 'job_dropped', lane: name, cause });
      }
      taker.running.clear();
      dispatch();
    },
    clear: () => {
      waiting.length = 0;
      known.clear();
    },
  };
};
