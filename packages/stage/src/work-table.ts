import { Fault, timerMsUntil } from '@isotherm/kernel';

/** Fields that every stage's job has. */
export interface JobBase {
  readonly jobId: string;
  readonly requestId: string;
  readonly routerId: string;
  readonly model: string;
  /** Unix time in milliseconds. */
  readonly deadlineMs: number;
  /** Unix time in milliseconds. */
  readonly enqueuedMs: number;
}

export interface Work {
  readonly job: JobBase;
  /** Tokens that the job stands for in the instance's load. */
  readonly tokens: number;
  readonly controller: AbortController;
}

/**
 * The jobs that run at one instance, and the requests and jobs that were cancelled lately: a cancel may overtake its job on
 * the way through the lane.
 */
export interface WorkTable {
  /** Begins a job; undefined when it already runs or its request was cancelled. Aborts at the job's deadline. */
  begin(job: JobBase, tokens: number): Work | undefined;
  end(work: Work): void;
  /** Cancels a request; true when it ran here. */
  cancelRequest(requestId: string): boolean;
  /** Cancels one job of a request that goes on; true when it ran here. */
  cancelJob(jobId: string): boolean;
  /** Cancels all work of a router that is gone. */
  cancelRouter(routerId: string): void;
  /** Aborts everything with a Fault, for a drain whose grace is over. */
  cancelAll(fault: Fault): void;
  readonly running: number;
  readonly pendingTokens: number;
}

const cancelledMax = 8192;

export const createWorkTable = (nowMs: () => number): WorkTable => {
  const works = new Map<string, { readonly work: Work; readonly timer: NodeJS.Timeout }>();
  const cancelled = createRecent();
  const cancelledJobs = createRecent();
  let pendingTokens = 0;

  const abortWhere = (matches: (job: JobBase) => boolean, fault: Fault): boolean => {
    const hits = [...works.values()].filter(({ work }) => matches(work.job));
    for (const { work } of hits) work.controller.abort(fault);
    return hits.length > 0;
  };

  return {
    begin: (job, tokens) => {
      if (works.has(job.jobId) || cancelled.has(job.requestId)) return undefined;
      if (cancelledJobs.has(job.jobId)) return undefined;
      const controller = new AbortController();
      const work: Work = { job, tokens, controller };
      const expire = (): void =>
        controller.abort(new Fault('deadline_exceeded', 'The deadline of the request has passed.'));
      const timer = setTimeout(expire, timerMsUntil(job.deadlineMs, nowMs()));
      works.set(job.jobId, { work, timer });
      pendingTokens += tokens;
      return work;
    },
    end: (work) => {
      const entry = works.get(work.job.jobId);
      if (entry?.work !== work) return;
      clearTimeout(entry.timer);
      works.delete(work.job.jobId);
      pendingTokens -= work.tokens;
    },
    cancelRequest: (requestId) => {
      cancelled.add(requestId);
      return abortWhere(
        (job) => job.requestId === requestId,
        new Fault('cancelled', 'The request was cancelled.'),
      );
    },
    cancelJob: (jobId) => {
      cancelledJobs.add(jobId);
      return abortWhere(
        (job) => job.jobId === jobId,
        new Fault('cancelled', 'The job was cancelled.'),
      );
    },
    cancelRouter: (routerId) => {
      abortWhere(
        (job) => job.routerId === routerId,
        new Fault('cancelled', 'The router of the request is gone.'),
      );
    },
    cancelAll: (fault) => {
      abortWhere(() => true, fault);
    },
    get running() {
      return works.size;
    },
    get pendingTokens() {
      return pendingTokens;
    },
  };
};

/** The last ids of a bounded number. */
const createRecent = (): { add(id: string): void; has(id: string): boolean } => {
  const ids = new Set<string>();
  return {
    has: (id) => ids.has(id),
    add: (id) => {
      ids.add(id);
      if (ids.size <= cancelledMax) return;
      const [oldest = ''] = ids;
      ids.delete(oldest);
    },
  };
};
