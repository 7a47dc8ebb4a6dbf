import { median, round } from '../report/percentiles.ts';
import type { Figures } from '../report/result.ts';
import type { Overload } from '../overload/measure-overload.ts';
import type { BesideLarge } from './beside-large.ts';
import type { RouterRun, TargetRun } from './measure-router.ts';
import type { Form, TargetName } from './targets.ts';

/** What the parts of the bench gave; what was not measured is undefined, and its figures null. */
export interface RouterParts {
  readonly runs: readonly RouterRun[];
  readonly beside: BesideLarge | undefined;
  /** Time of a routing decision by number of instances: 99th percentile, in milliseconds. */
  readonly decisionP99Ms: Readonly<Record<'64' | '1000', number | undefined>>;
  /** At three times the load that is sustained. */
  readonly overload: Pick<Overload, 'goodputShare' | 'refusalP99Ms'> | undefined;
}

/** The figures of the bench: each the median over the runs of what a run gave. */
export const routerFigures = ({ runs, beside, decisionP99Ms, overload }: RouterParts): Figures => {
  const over = figuresOver(runs);
  return {
    decision_p99_ms_64: decisionP99Ms['64'] ?? null,
    decision_p99_ms_1000: decisionP99Ms['1000'] ?? null,
    added_p50_ms: over.added('isotherm', 'streamed', 'p50'),
    added_p99_ms: over.added('isotherm', 'streamed', 'p99'),
    requests_per_s: over.requestsPerS('isotherm', 'streamed'),
    portkey_added_p50_ms: over.added('portkey', 'streamed', 'p50'),
    portkey_requests_per_s: over.requestsPerS('portkey', 'streamed'),
    nginx_added_p50_ms: over.added('nginx', 'streamed', 'p50'),
    overload_goodput_share: overload === undefined ? null : round(overload.goodputShare),
    refusal_p99_ms: overload === undefined ? null : round(overload.refusalP99Ms),
    colocated_added_p50_ms: over.added('colocated', 'streamed', 'p50'),
    colocated_requests_per_s: over.requestsPerS('colocated', 'streamed'),
    colocated_added_not_streamed_p50_ms: over.added('colocated', 'whole', 'p50'),
    colocated_requests_not_streamed_per_s: over.requestsPerS('colocated', 'whole'),
    gateway_added_p50_ms: over.added('gateway', 'streamed', 'p50'),
    gateway_added_p99_ms: over.added('gateway', 'streamed', 'p99'),
    gateway_requests_per_s: over.requestsPerS('gateway', 'streamed'),
    gateway_added_not_streamed_p50_ms: over.added('gateway', 'whole', 'p50'),
    gateway_requests_not_streamed_per_s: over.requestsPerS('gateway', 'whole'),
    fronted_added_p50_ms: over.added('fronted', 'streamed', 'p50'),
    fronted_requests_per_s: over.requestsPerS('fronted', 'streamed'),
    fronted_added_not_streamed_p50_ms: over.added('fronted', 'whole', 'p50'),
    fronted_requests_not_streamed_per_s: over.requestsPerS('fronted', 'whole'),
    portkey_added_p99_ms: over.added('portkey', 'streamed', 'p99'),
    nginx_added_p99_ms: over.added('nginx', 'streamed', 'p99'),
    nginx_requests_per_s: over.requestsPerS('nginx', 'streamed'),
    added_first_text_p50_ms: over.added('isotherm', 'streamed', 'p50', 'firstMs'),
    portkey_added_first_text_p50_ms: over.added('portkey', 'streamed', 'p50', 'firstMs'),
    added_not_streamed_p50_ms: over.added('isotherm', 'whole', 'p50'),
    portkey_added_not_streamed_p50_ms: over.added('portkey', 'whole', 'p50'),
    nginx_added_not_streamed_p50_ms: over.added('nginx', 'whole', 'p50'),
    requests_not_streamed_per_s: over.requestsPerS('isotherm', 'whole'),
    portkey_requests_not_streamed_per_s: over.requestsPerS('portkey', 'whole'),
    nginx_requests_not_streamed_per_s: over.requestsPerS('nginx', 'whole'),
    grpc_added_p50_ms: over.added('isotherm', 'grpc', 'p50'),
    nginx_grpc_added_p50_ms: over.added('nginx', 'grpc', 'p50'),
    resident_mb: over.residentMb('isotherm'),
    colocated_resident_mb: over.residentMb('colocated'),
    gateway_resident_mb: over.residentMb('gateway'),
    portkey_resident_mb: over.residentMb('portkey'),
    nginx_resident_mb: over.residentMb('nginx'),
    requests_failed: runs
      .flatMap(({ targets }) => targets)
      .reduce((sum, { failed }) => sum + failed, 0),
    ...besideFigures(beside),
  };
};

/** Those of the part beside large requests, which can be measured alone. */
export const besideFigures = (beside: BesideLarge | undefined): Figures => ({
  beside_large_loop_delay_p99_ms: beside?.loopDelayP99Ms ?? null,
  beside_large_small_p99_ratio: beside?.smallP99Ratio ?? null,
  beside_large_shared_small_p99_ratio: beside?.sharedP99Ratio ?? null,
  beside_large_shared_loop_delay_p99_ms: beside?.sharedLoopDelayP99Ms ?? null,
});

const figuresOver = (runs: readonly RouterRun[]) => {
  const over = (figure: (run: RouterRun) => number | undefined): number | null => {
    const values = runs.map(figure).filter((value) => value !== undefined);
    return values.length === 0 ? null : round(median(values));
  };
  const of = (run: RouterRun, name: TargetName, form: Form): TargetRun | undefined =>
    run.targets.find((target) => target.name === name && target.form === form);
  return {
    /** The difference of two percentiles, not the percentile of differences. */
    added: (
      name: TargetName,
      form: Form,
      share: 'p50' | 'p99',
      time: 'firstMs' | 'wholeMs' = 'wholeMs',
    ) =>
      over((run) => {
        const there = of(run, name, form);
        const makesAnswers = name === 'isotherm' || name === 'colocated';
        const without = makesAnswers ? of(run, 'engine', 'direct') : of(run, 'stub', form);
        return there && without && there[time][share] - without[time][share];
      }),
    requestsPerS: (name: TargetName, form: Form) =>
      over((run) => of(run, name, form)?.closed?.requestsPerS),
    residentMb: (name: TargetName) => over((run) => of(run, name, 'streamed')?.closed?.residentMb),
  };
};
