import type { TopLevelSpec } from 'vega-lite';
import type { SimulatedRow } from './simulated.ts';

/** What is drawn of arms and of the sweep: field, what it is, and what it is multiplied by. */
const shown = [
  ['row_share_max', 'fullest row ÷ its limit', 1],
  ['power_time_share', 'GPU time capped (%)', 100],
  ['power_events', 'throttled by power (events)', 1],
  ['core_max_c', 'hottest core (°C)', 1],
  ['thermal_events', 'throttled by heat (events)', 1],
  ['ttft_p99_ms', 'time to first token, p99 (ms)', 1],
] as const;

/** Bars for each arm of the week, lines for the day over oversubscription. */
export const tapasPlot = (
  week: readonly SimulatedRow[],
  sweep: readonly SimulatedRow[],
): TopLevelSpec => ({
  $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
  ...{ background: 'white', columns: 3 },
  concat: shown.flatMap(([field, title, factor]) => [
    {
      ...{ title, width: 220, data: { values: armValues(week, field, factor) } },
      mark: 'bar' as const,
      encoding: {
        y: { field: 'arm', type: 'nominal' as const, sort: null, title: null },
        x: { field: 'value', type: 'quantitative' as const, title: null },
      },
    },
    {
      ...{ title: `${title}, a day`, width: 220 },
      data: { values: sweepValues(sweep, field, factor) },
      mark: { type: 'line' as const, point: true },
      encoding: {
        x: { field: 'over', type: 'quantitative' as const, title: 'oversubscription (%)' },
        y: { field: 'value', type: 'quantitative' as const, title: null },
        color: { field: 'levers', type: 'nominal' as const, title: null },
      },
    },
  ]),
});

const firstOfArms = (rows: readonly SimulatedRow[]): readonly SimulatedRow[] =>
  rows.filter((row, at) => rows.findIndex(({ arm }) => arm === row['arm']) === at);

const armValues = (rows: readonly SimulatedRow[], field: string, factor: number) =>
  firstOfArms(rows).map((row) => ({ arm: row['arm'], value: factor * Number(row[field] ?? 0) }));

/** Arms of the sweep are named after their levers and percent: `all-40`. */
const sweepValues = (rows: readonly SimulatedRow[], field: string, factor: number) =>
  firstOfArms(rows).flatMap((row) => {
    const [, levers, over] = /^(.+)-(\d+)$/.exec(String(row['arm'])) ?? [];
    if (levers === undefined) return [];
    return [{ levers, over: Number(over), value: factor * Number(row[field] ?? 0) }];
  });
