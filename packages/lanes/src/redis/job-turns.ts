import { setTimeout as delay } from 'node:timers/promises';
import { createJobBook } from './job-book.ts';
import type { JobExchange, TakenJob } from './job-exchange.ts';

export interface JobTurnsOptions {
  /** Most jobs that run at once. */
  readonly concurrency: number;
  readonly exchange: JobExchange;
  /** Resolves when a job may have come, and after a while in any case. */
  job(): Promise<void>;
  /** Runs a job to its end; never rejects. */
  run(job: TakenJob): Promise<void>;
  /** Told of exchanges and waits that failed; they are tried again. */
  failed(cause: unknown): void;
}

/**
 * The turns of a consumer: one exchange at a time takes as many jobs as there is room for and acknowledges what has ended
 * since the last one. The busier a lane is, the more jobs share an exchange; an idle one asks only when a job has come.
 */
export interface JobTurns {
  begin(): void;
  /**
   * Runs a job that the lane is still to deliver, unless there is no room, others may wait in the lane, or it was delivered
   * before. When it is delivered it is not run again, and acknowledged once it has ended.
   */
  ahead(id: string, run: () => Promise<void>): boolean;
  /** Takes no further job; resolves when none runs and all are acknowledged. */
  pause(): Promise<void>;
  /** Does nothing from now on. */
  end(): void;
  /** Ids of all jobs that it was delivered: those that run or are to, and those whose end nobody has been told yet. */
  readonly held: readonly string[];
  readonly running: number;
}

/** Most jobs in one exchange: a script keeps everybody waiting, and Lua bounds its arguments. */
const exchangedMax = 512;
/** Pause after a command that failed because Redis was away, in milliseconds. */
const retryMs = 100;

export const jobTurns = (options: JobTurnsOptions): JobTurns => {
  const book = createJobBook(options.concurrency);
  const quiet: (() => void)[] = [];
  let state: 'taking' | 'paused' | 'ended' = 'taking';
  let exchanging = false;
  let scheduled = false;
  let waiting = false;
  /** Whether a job may wait in the lane. */
  let mayWait = true;
  /** Whether a job was announced to this consumer: the exchange announces again what it leaves to others. */
  let woken = false;

  const room = (): number => (state === 'taking' ? Math.min(exchangedMax, book.room) : 0);

  const run = async (id: string, work: () => Promise<void>): Promise<void> => {
    await work();
    book.end(id);
    runReady();
    // What ends in the same turn of the event loop is acknowledged together.
    if (scheduled) return;
    scheduled = true;
    setImmediate(() => {
      scheduled = false;
      void takeTurns();
    });
  };
  const runReady = (): void => {
    for (let job = book.next(); job !== undefined; job = book.next()) runOne(job);
  };
  const runOne = (job: TakenJob): void => void run(job.id, () => options.run(job));

  const exchange = async (): Promise<void> => {
    const wanted = room();
    const given = book.takeEnded(exchangedMax);
    woken = false;
    try {
      const jobs = await options.exchange(given, wanted);
      mayWait = jobs.length === wanted;
      jobs.forEach(book.deliver);
      runReady();
    } catch (cause) {
      book.giveBack(given);
      mayWait = true;
      if (state === 'ended') return;
      options.failed(cause);
      await delay(retryMs);
    }
  };

  const takeTurns = async (): Promise<void> => {
    if (exchanging) return;
    exchanging = true;
    const due = (): boolean => book.ended > 0 || woken || (mayWait && room() > 0);
    while (state !== 'ended' && due()) await exchange();
    exchanging = false;
    if (book.busy === 0) for (const resolve of quiet.splice(0)) resolve();
    if (room() > 0) void awaitJob();
  };

  const awaitJob = async (): Promise<void> => {
    if (waiting) return;
    waiting = true;
    try {
      await options.job();
    } catch (cause) {
      if (state !== 'ended') options.failed(cause);
      await delay(retryMs, undefined, { ref: false });
    }
    waiting = false;
    woken = true;
    void takeTurns();
  };

  return {
    begin: () => void takeTurns(),
    ahead: (id, work) => {
      // Who waits in the lane was there before.
      if (mayWait || room() === 0 || !book.enterEarly(id)) return false;
      void run(id, work);
      return true;
    },
    pause: () => {
      if (state === 'taking') state = 'paused';
      if (book.busy + book.ended === 0 && !exchanging) return Promise.resolve();
      return new Promise((resolve) => quiet.push(resolve));
    },
    end: () => {
      state = 'ended';
    },
    get held() {
      return book.held;
    },
    get running() {
      return book.running;
    },
  };
};
