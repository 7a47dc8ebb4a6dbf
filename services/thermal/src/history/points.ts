import type { SeriesPart } from './recorder.ts';

export interface HistoryPoint {
  /** Unix time of its begin, in milliseconds. */
  readonly atMs: number;
  readonly min: number;
  readonly mean: number;
  readonly max: number;
  readonly count: number;
}

/** The points of a span of time: as fine as there is, coarser where only that is left, and no more than asked for. */
export const pointsOf = (
  parts: readonly SeriesPart[],
  span: { readonly fromMs: number; readonly toMs: number; readonly pointsMax: number },
): readonly HistoryPoint[] => {
  const points: HistoryPoint[] = [];
  let untilMs = span.toMs;
  parts.forEach(({ resolution, records }, at) => {
    const spanMs = resolution.spanS * 1000;
    // A coarser record that reaches into the finer ones would count the same readings twice.
    const endMs = at === 0 ? 0 : spanMs;
    const own = records
      .map(({ slot, ...rest }) => ({ atMs: slot * spanMs, ...rest }))
      .filter(({ atMs }) => atMs + spanMs > span.fromMs && atMs + endMs <= untilMs);
    points.unshift(...own);
    untilMs = Math.min(untilMs, own[0]?.atMs ?? Infinity);
  });
  return thinned(points, span.pointsMax);
};

/** Neighbours put together until there are few enough. */
const thinned = (points: readonly HistoryPoint[], pointsMax: number): readonly HistoryPoint[] => {
  if (points.length <= pointsMax) return points;
  const each = Math.ceil(points.length / pointsMax);
  const thin: HistoryPoint[] = [];
  for (let first = 0; first < points.length; first += each) {
    const group = points.slice(first, first + each);
    const count = group.reduce((sum, point) => sum + point.count, 0);
    thin.push({
      ...{ atMs: group[0]?.atMs ?? 0, count },
      min: Math.min(...group.map(({ min }) => min)),
      max: Math.max(...group.map(({ max }) => max)),
      mean: group.reduce((sum, point) => sum + point.mean * point.count, 0) / Math.max(1, count),
    });
  }
  return thin;
};
