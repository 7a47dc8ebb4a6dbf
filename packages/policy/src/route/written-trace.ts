import type { RouteTrace } from './contract.ts';

/** A trace for people: an object for each instance, of as many as are worth reading. */
export interface WrittenTrace extends Pick<RouteTrace, 'waived' | 'draw'> {
  /** Instance id → name of the filter that dropped it. */
  readonly dropped: Readonly<Record<string, string>>;
  /** Instance id → score of each scorer and their weighted sum. */
  readonly scores: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** Instances that were looked at and are in neither. */
  readonly instancesLeftOut: number;
}

/**
 * Writes out at most so many instances of a trace: the one that was picked, then the best, then some of those that were
 * dropped. A fleet of a thousand would else fill the memory of the router with its own history.
 */
export const writtenTrace = (
  trace: RouteTrace,
  picked: string | undefined,
  instancesMax = Infinity,
): WrittenTrace => {
  const { kept, dropped, droppedBy, columns, totals } = trace;
  const pickedRow = kept.findIndex(({ id }) => id === picked);
  const ranks = totals.map((total, row) => (row === pickedRow ? Infinity : total));
  const rows = highest(ranks, instancesMax);
  const scores = rows.map((row) => [
    kept[row]?.id ?? '',
    Object.fromEntries([
      ['total', totals[row] ?? 0],
      ...columns.map((column): [string, number] => [column.name, column.scores[row] ?? 0]),
    ]),
  ]);
  const some = dropped.slice(0, Math.max(0, instancesMax - rows.length));
  return {
    scores: Object.fromEntries(scores) as WrittenTrace['scores'],
    dropped: Object.fromEntries(some.map(({ id }, place) => [id, droppedBy[place] ?? ''])),
    ...(trace.waived && { waived: trace.waived }),
    ...(trace.draw !== undefined && { draw: trace.draw }),
    instancesLeftOut: kept.length + dropped.length - rows.length - some.length,
  };
};

/** Places of the highest values, at most so many: the highest first; all of them in their order where they are no more. */
const highest = (values: readonly number[], countMax: number): readonly number[] => {
  if (countMax >= values.length) return [...values.keys()];
  const places: number[] = [];
  for (const place of values.keys()) {
    const last = places.at(-1);
    if (places.length >= countMax && (last === undefined || compare(values, place, last) >= 0)) {
      continue;
    }
    let at = places.length;
    while (at > 0 && compare(values, place, places[at - 1] ?? 0) < 0) at -= 1;
    places.splice(at, 0, place);
    if (places.length > countMax) places.pop();
  }
  return places;
};

const compare = (values: readonly number[], a: number, b: number): number => {
  const [first, second] = [values[a] ?? 0, values[b] ?? 0];
  return first === second ? a - b : second - first;
};
