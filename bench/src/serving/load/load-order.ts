import type { ArrivalKind } from './arrivals.ts';
import type { RequestRecord, Slo } from './slo.ts';
import type { WorkloadOptions } from './workload.ts';

/**
 * What a load process is told to do.
 * - `open`: requests are sent when they are due, whatever became of those before. Where a `stop` is given the run ends as
 *   soon as more requests have missed the SLO than may.
 * - `sequence`: one after the other, so that every request has the system for itself.
 * - `closed`: so many are always under way; for `measureMs` after `warmMs`.
 */
export type LoadMode =
  | { readonly kind: 'sequence' }
  | {
      readonly kind: 'open';
      readonly arrivals: ArrivalKind;
      readonly ratePerS: number;
      readonly stop: { readonly slo: Slo; readonly missesMax: number } | undefined;
    }
  | {
      readonly kind: 'closed';
      readonly concurrency: number;
      readonly warmMs: number;
      readonly measureMs: number;
    };

export interface LoadOrder {
  /** http://host:port of each process; requests go round them in turn. */
  readonly targets: readonly string[];
  readonly workload: WorkloadOptions;
  readonly mode: LoadMode;
  readonly timeoutMs: number;
}

export interface LoadReport {
  readonly records: readonly RequestRecord[];
  /** Requests that were planned; fewer records mean that the run was stopped. */
  readonly planned: number;
  readonly stopped: boolean;
  readonly seconds: number;
  /** Answers and tokens within the measured time of a closed loop, a second; of the whole run otherwise. */
  readonly requestsPerS: number;
  readonly tokensPerS: number;
  /** How much later than due a request was sent, at the 99th percentile: the generator's own delay. */
  readonly lateP99Ms: number;
}
