import type { TopLevelSpec } from 'vega-lite';
import type { FollowResult } from './follow-traffic.ts';

/** Load, target, instances, and what the smallest fixed fleet has, over time: a picture for each traffic and stage. */
export const followPlot = (results: readonly FollowResult[]): TopLevelSpec => ({
  $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
  ...{ background: 'white', columns: 1 },
  concat: results.flatMap(({ name, seed, points, fixed }) =>
    [...new Set(points.map(({ role }) => role))].map((role) => {
      const own = points.filter((point) => point.role === role);
      const values = own.flatMap(({ minute, busy, target, there }) => [
        { minute, what: 'load (instances kept busy)', instances: busy },
        { minute, what: 'target', instances: target },
        { minute, what: 'instances (starting and draining too)', instances: there },
        { minute, what: 'smallest fixed fleet', instances: fixed.counts[role] ?? 0 },
      ]);
      return {
        ...{ title: `${name}, ${role} (seed ${seed})`, width: 760, height: 150, data: { values } },
        mark: { type: 'line' as const, interpolate: 'step-after' as const, strokeWidth: 1 },
        encoding: {
          x: { field: 'minute', type: 'quantitative' as const, title: 'minutes' },
          y: { field: 'instances', type: 'quantitative' as const, title: null },
          color: { field: 'what', type: 'nominal' as const, sort: null, title: null },
        },
      };
    }),
  ),
});
