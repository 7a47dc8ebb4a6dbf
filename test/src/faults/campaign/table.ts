import { nameOf, type RunPlan } from './plan.ts';
import type { RunReport } from './run.ts';

/** A run and what it has shown. */
export interface Ran {
  readonly plan: RunPlan;
  readonly report: RunReport;
}

/** The figures of a whole campaign: what its last line says. */
export interface Figures {
  readonly seed: number;
  readonly runs: number;
  readonly faults: number;
  readonly requests: number;
  readonly answered: number;
  readonly refused: number;
  readonly migrations: number;
  readonly lost: number;
  readonly duplicated_tokens: number;
  readonly missing_tokens: number;
  readonly stuck: number;
  readonly failed_runs: number;
  readonly slowest_ms: number;
}

export const figuresOf = (seed: number, ran: readonly Ran[]): Figures => {
  const sum = (read: (run: Ran) => number): number =>
    ran.reduce((total, run) => total + read(run), 0);
  return {
    seed,
    runs: ran.length,
    faults: sum(({ plan }) => plan.faults.length),
    requests: sum(({ report }) => report.requests),
    answered: sum(({ report }) => report.answered),
    refused: sum(({ report }) => report.refused),
    migrations: sum(({ report }) => report.migrations),
    lost: sum(({ report }) => report.lost),
    duplicated_tokens: sum(({ report }) => report.extraTokens),
    missing_tokens: sum(({ report }) => report.missingTokens),
    stuck: sum(({ report }) => report.stuck),
    failed_runs: sum(({ report }) => (report.problems.length > 0 ? 1 : 0)),
    slowest_ms: Math.round(Math.max(0, ...ran.map(({ report }) => report.slowestMs))),
  };
};

/** For each kind of fault: how often, in runs with how many requests, and how many of these runs were survived. */
export const tableOf = (ran: readonly Ran[]): readonly string[] => {
  const rows = new Map<string, Ran[]>();
  for (const run of ran) {
    for (const { fault } of run.plan.faults) {
      const name = nameOf(fault);
      rows.set(name, [...(rows.get(name) ?? []), run]);
    }
  }
  const lines = [...rows]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, runs]) => {
      const survived = runs.filter(({ report }) => report.problems.length === 0).length;
      const { requests, refused, migrations } = figuresOf(0, runs);
      return row(name, [runs.length, survived, requests, refused, migrations]);
    });
  return [row('fault', ['times', 'survived', 'requests', 'refused', 'migrations']), ...lines];
};

const row = (name: string, cells: readonly (number | string)[]): string =>
  [name.padEnd(34), ...cells.map((cell) => String(cell).padStart(10))].join(' ');
