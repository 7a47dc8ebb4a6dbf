import type { TakenJob } from './job-exchange.ts';

/** Which jobs a consumer has, and in what state they are. */
export interface JobBook {
  /** How many more it may be delivered. */
  readonly room: number;
  /** Jobs that run, and those that are to. */
  readonly busy: number;
  readonly running: number;
  /** How many have ended and are to be acknowledged. */
  readonly ended: number;
  /** Ids of all jobs that it was delivered and that have not been acknowledged. */
  readonly held: readonly string[];
  /** Enters a job that the lane is still to deliver, and which runs from now on. `false`: it is known already, or has no room. */
  enterEarly(id: string): boolean;
  /** Enters a job that the lane has delivered. */
  deliver(job: TakenJob): void;
  /** The next one that is to run, and does from now on; undefined where none is or as many run as may. */
  next(): TakenJob | undefined;
  end(id: string): void;
  /** Takes ids that are to be acknowledged out of the book; `giveBack` where that has failed. */
  takeEnded(max: number): readonly string[];
  giveBack(ids: readonly string[]): void;
}

/** Most ids that are remembered to tell a copy from its job. */
const rememberedMax = 4096;

export const createJobBook = (concurrency: number): JobBook => {
  const running = new Set<string>();
  /** Delivered while jobs that went ahead had taken their room. */
  const ready: TakenJob[] = [];
  let ended: readonly string[] = [];
  /** Jobs that went ahead and are still to be delivered, and jobs that were delivered lately. */
  const early = createRecent();
  const delivered = createRecent();
  const room = (): number => Math.max(0, concurrency - running.size - ready.length);

  return {
    get room() {
      return room();
    },
    get busy() {
      return running.size + ready.length;
    },
    get running() {
      return running.size;
    },
    get ended() {
      return ended.length;
    },
    get held() {
      const taken = [...running].filter((id) => !early.has(id));
      return [...taken, ...ready.map(({ id }) => id), ...ended];
    },
    enterEarly: (id) => {
      if (room() === 0 || early.has(id) || delivered.has(id)) return false;
      early.add(id);
      running.add(id);
      return true;
    },
    deliver: (job) => {
      delivered.add(job.id);
      if (!early.delete(job.id)) ready.push(job);
      else if (!running.has(job.id)) ended = [...ended, job.id];
    },
    next: () => {
      if (running.size >= concurrency) return undefined;
      const job = ready.shift();
      if (job !== undefined) running.add(job.id);
      return job;
    },
    end: (id) => {
      running.delete(id);
      // One that is still to be delivered is acknowledged then.
      if (!early.has(id)) ended = [...ended, id];
    },
    takeEnded: (max) => {
      const taken = ended.slice(0, max);
      ended = ended.slice(taken.length);
      return taken;
    },
    giveBack: (ids) => {
      ended = [...ids, ...ended];
    },
  };
};

/** The last ids of a bounded number. */
const createRecent = () => {
  const ids = new Set<string>();
  return {
    has: (id: string): boolean => ids.has(id),
    add: (id: string): void => {
      ids.add(id);
      if (ids.size <= rememberedMax) return;
      const [oldest = ''] = ids;
      ids.delete(oldest);
    },
    delete: (id: string): boolean => ids.delete(id),
  };
};
