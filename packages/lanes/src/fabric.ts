import { invariant } from '@isotherm/kernel';
import type {
  FabricLimits,
  LaneName,
  Lanes,
  Registry,
  RouterRecord,
  ThermalRecord,
} from './port.ts';
import type { BatchStore } from './batch-port.ts';
import { defaultLimits } from './port.ts';

/** Lanes, registry and batches of one adapter, opened and closed together. */
export interface Fabric {
  readonly lanes: Lanes;
  /** The instances. */
  readonly registry: Registry;
  readonly routers: Registry<RouterRecord>;
  /** The thermal services: one as a rule. */
  readonly thermals: Registry<ThermalRecord>;
  readonly batches: BatchStore;
  /** Closes the lanes (their handlers finish first), then the registries, then every connection. */
  close(): Promise<void>;
}

/** What an adapter cannot tell its caller through a return value, for the caller's log. */
export type FabricProblem =
  | { readonly kind: 'handler_failed'; readonly lane: LaneName; readonly cause: unknown }
  | { readonly kind: 'job_dropped'; readonly lane: LaneName; readonly cause: unknown }
  | { readonly kind: 'watch_failed'; readonly cause: unknown }
  /** Redis is away or refused a command; at most one report every few seconds. */
  | { readonly kind: 'store_failed'; readonly cause: unknown };

export type ReportProblem = (problem: FabricProblem) => void;

/** Used when no reporter is given: a failure that nobody asked for still leaves a trace. */
export const warnProblem: ReportProblem = (problem) => {
  const lane = 'lane' in problem ? ` in ${problem.lane}` : '';
  process.emitWarning(`${problem.kind}${lane}: ${String(problem.cause)}`, 'FabricProblem');
};

/** Shortest time between two reports of `store_failed`, in milliseconds. */
const storeReportIntervalMs = 5_000;

/** An outage makes every connection and every worker fail again and again: it is one problem. */
export const boundReports = (report: ReportProblem): ReportProblem => {
  let nextMs = -Infinity;
  return (problem) => {
    if (problem.kind === 'store_failed') {
      const nowMs = performance.now();
      if (nowMs < nextMs) return;
      nextMs = nowMs + storeReportIntervalMs;
    }
    report(problem);
  };
};

/** Largest priority value, the least urgent. BullMQ's ordered set takes up to 2^21. */
export const priorityMax = 2 ** 20;

/**
 * Most deliveries of one job. A job that has taken this many consumers down with it is dropped
 * and reported, so that it cannot go round for ever.
 */
export const deliveriesMax = 5;

/** Options over defaults, checked. */
export const compileLimits = (limits: Partial<FabricLimits> = {}): FabricLimits => {
  const compiled = { ...defaultLimits, ...limits };
  for (const [name, value] of Object.entries(compiled)) {
    invariant(Number.isSafeInteger(value) && value > 0, `${name} must be a positive integer.`);
  }
  invariant(compiled.heartbeatMs < compiled.expiryMs, 'heartbeatMs must be below expiryMs.');
  return Object.freeze(compiled);
};

export const assertPriority = (priority: number): void =>
  invariant(
    Number.isInteger(priority) && priority >= 0 && priority <= priorityMax,
    `A priority is an integer from 0 to ${priorityMax}.`,
  );

export const assertConcurrency = (concurrency: number): void =>
  invariant(
    Number.isSafeInteger(concurrency) && concurrency > 0,
    'concurrency must be a positive integer.',
  );
