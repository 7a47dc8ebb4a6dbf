import type { Job } from './station-bank.ts';

export const queueOrders = ['first-come', 'short-first'] as const;
/** `short-first` is ModServe's scheduling: who waits behind somebody larger goes before. */
export type QueueOrder = (typeof queueOrders)[number];

/** The jobs that wait at each of many stations: linked lists in one pool of links, as long as all that waits together. */
export interface WaitingLines {
  push(line: number, job: Job): void;
  /** Who goes next; −1 where nobody waits. */
  peek(line: number): Job;
  shift(line: number): Job;
  size(line: number): number;
}

const none = -1;

export const createWaitingLines = (
  lines: number,
  order: QueueOrder,
  sizeOf: (job: Job) => number,
): WaitingLines => {
  const heads = new Int32Array(lines).fill(none);
  const tails = new Int32Array(lines).fill(none);
  const sizes = new Int32Array(lines);
  let jobs = new Int32Array(64);
  let nexts = new Int32Array(64);
  let links = 0;
  let free = none;

  const link = (job: Job): number => {
    let at = free;
    if (at === none) {
      if (links === jobs.length) [jobs, nexts] = [doubled(jobs), doubled(nexts)];
      at = links;
      links += 1;
    } else free = nexts[at] as number;
    jobs[at] = job;
    nexts[at] = none;
    return at;
  };
  /** The last that stays before a job of this size; none: it goes first. */
  const before = (line: number, size: number): number => {
    const tail = tails[line] as number;
    if (order === 'first-come' || tail === none) return tail;
    if (sizeOf(jobs[tail] as number) <= size) return tail;
    let last = none;
    for (let at = heads[line] as number; at !== none; at = nexts[at] as number) {
      if (sizeOf(jobs[at] as number) > size) break;
      last = at;
    }
    return last;
  };

  return {
    push(line, job) {
      const at = link(job);
      const last = before(line, order === 'first-come' ? 0 : sizeOf(job));
      if (last === none) {
        nexts[at] = heads[line] as number;
        heads[line] = at;
      } else {
        nexts[at] = nexts[last] as number;
        nexts[last] = at;
      }
      if (nexts[at] === none) tails[line] = at;
      sizes[line] = (sizes[line] as number) + 1;
    },
    peek(line) {
      const head = heads[line] as number;
      return head === none ? none : (jobs[head] as number);
    },
    shift(line) {
      const head = heads[line] as number;
      if (head === none) return none;
      heads[line] = nexts[head] as number;
      if (heads[line] === none) tails[line] = none;
      sizes[line] = (sizes[line] as number) - 1;
      nexts[head] = free;
      free = head;
      return jobs[head] as number;
    },
    size: (line) => sizes[line] as number,
  };
};

const doubled = (values: Int32Array): Int32Array<ArrayBuffer> => {
  const grown = new Int32Array(values.length * 2);
  grown.set(values);
  return grown;
};
