import { type BestLayout, bestLayout, type LayoutSearch } from './best-layout.ts';
import { type HighestRate, highestRate, type RateSearch } from './highest-rate.ts';
import { type DaySearch, type LeastDay, leastDay } from './run-day.ts';
import { runShift, type ShiftResult, type ShiftSpec } from './run-shift.ts';
import { type PointResult, type PointSpec, runPoint } from './run-arm.ts';

/** What a thread is told to do, as plain data; all of it comes out the same on every machine. */
export type Task =
  | { readonly kind: 'layout'; readonly search: LayoutSearch }
  | { readonly kind: 'rate'; readonly search: RateSearch }
  | { readonly kind: 'day'; readonly search: DaySearch }
  | { readonly kind: 'shift'; readonly spec: ShiftSpec }
  | { readonly kind: 'point'; readonly spec: PointSpec };

/** The answer to each kind. */
export interface TaskResults {
  readonly layout: BestLayout;
  readonly rate: HighestRate;
  readonly day: LeastDay;
  readonly shift: ShiftResult;
  readonly point: PointResult;
}

export const doTask = (task: Task): TaskResults[Task['kind']] => {
  switch (task.kind) {
    case 'layout':
      return bestLayout(task.search);
    case 'rate':
      return highestRate(task.search);
    case 'day':
      return leastDay(task.search);
    case 'shift':
      return runShift(task.spec);
    case 'point':
      return runPoint(task.spec);
    default:
      return task satisfies never;
  }
};
