import { setTimeout as delay } from 'node:timers/promises';
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
  /** Takes no further job; resolves when none runs and all are acknowledged. */
  pause(): Promise<void>;
  /** Does nothing from now on. */
  end(): void;
  /** Ids of all jobs that are this consumer's: those that run, and those whose end nobody has been told yet. */
  readonly held: readonly string[];
  readonly running: number;
}

/** Most jobs in one exchange: a script keeps everybody waiting, and Lua bounds its arguments. */
const exchangedMax = 512;
/** Pause after a command that failed because Redis was away, in milliseconds. */
const retryMs = 100;

export const jobTurns = (options: JobTurnsOptions): JobTurns => {
  const running = new Set<string>();
  const quiet: (() => void)[] = [];
  let done: readonly string[] = [];
  let state: 'taking' | 'paused' | 'ended' = 'taking';
  let exchanging = false;
  let scheduled = false;
  let waiting = false;
  /** Whether a job may wait in the lane. */
  let mayWait = true;
  /** Whether a job was announced to this consumer: the exchange announces again what it leaves to others. */
  let woken = false;

  const room = (): number =>
    state === 'taking' ? Math.min(exchangedMax, options.concurrency - running.size) : 0;

  const run = async (job: TakenJob): Promise<void> => {
    running.add(job.id);
    await options.run(job);
    running.delete(job.id);
    done = [...done, job.id];
    // What ends in the same turn of the event loop is acknowledged together.
    if (scheduled) return;
    scheduled = true;
    setImmediate(() => {
      scheduled = false;
      void takeTurns();
    });
  };

  const exchange = async (): Promise<void> => {
    const wanted = room();
    const given = done.slice(0, exchangedMax);
    done = done.slice(given.length);
    woken = false;
    try {
      const jobs = await options.exchange(given, wanted);
      mayWait = jobs.length === wanted;
      for (const job of jobs) void run(job);
    } catch (cause) {
      done = [...given, ...done];
      mayWait = true;
      if (state === 'ended') return;
      options.failed(cause);
      await delay(retryMs);
    }
  };

  const takeTurns = async (): Promise<void> => {
    if (exchanging) return;
    exchanging = true;
    const due = (): boolean => done.length > 0 || woken || (mayWait && room() > 0);
    while (state !== 'ended' && due()) await exchange();
    exchanging = false;
    if (running.size === 0) for (const resolve of quiet.splice(0)) resolve();
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
    pause: () => {
      if (state === 'taking') state = 'paused';
      if (running.size === 0 && done.length === 0 && !exchanging) return Promise.resolve();
      return new Promise((resolve) => quiet.push(resolve));
    },
    end: () => {
      state = 'ended';
    },
    get held() {
      return [...running, ...done];
    },
    get running() {
      return running.size;
    },
  };
};
