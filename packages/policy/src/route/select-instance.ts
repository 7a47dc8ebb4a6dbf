import type { Random } from '@isotherm/kernel';
import type {
  Filter,
  InstanceView,
  RouteDecision,
  RoutePolicy,
  RouteRequest,
  RouteTrace,
  ScoreColumn,
} from './contract.ts';
import { drawFor, preferred } from './preferred.ts';

/**
 * Filter → score → pick. Pure: selecting books nothing; the caller books, and takes back what could not be
 * delivered.
 */
export const selectInstance = (
  policy: RoutePolicy,
  request: RouteRequest,
  instances: readonly InstanceView[],
  random: Random,
): RouteDecision => {
  const able = sift(policy.filters, request, instances);
  const { preferences = [] } = policy;
  const draw = drawFor(preferences, random);
  const { kept, dropped, waived } = preferred(preferences, request, able.kept, draw);
  const sifted = {
    kept,
    dropped: [...able.dropped, ...dropped.map(({ instance }) => instance)],
    droppedBy: [...able.droppedBy, ...dropped.map(({ by }) => by)],
    ...(waived.length > 0 && { waived }),
    ...(draw !== undefined && { draw }),
  };
  if (kept.length === 0) {
    const reason = instances.length === 0 ? 'no_instance' : 'all_filtered';
    return { kind: 'rejected', reason, trace: { ...sifted, columns: [], totals: [] } };
  }
  const columns = policy.scorers.map(({ scorer, weight }) => ({
    name: scorer.name,
    weight,
    scores: scorer.score(kept, request),
  }));
  const totals = totalsOf(columns, kept.length);
  const trace: RouteTrace = { ...sifted, columns, totals };
  const instance = kept[policy.picker.pick(totals, random)];
  return instance === undefined
    ? { kind: 'rejected', reason: 'all_filtered', trace }
    : { kind: 'selected', instance, trace };
};

/** Who passes all filters, and who was dropped by which. */
const sift = (
  filters: readonly Filter[],
  request: RouteRequest,
  instances: readonly InstanceView[],
): Pick<RouteTrace, 'kept' | 'dropped' | 'droppedBy'> => {
  const kept: InstanceView[] = [];
  const dropped: InstanceView[] = [];
  const droppedBy: string[] = [];
  for (const instance of instances) {
    const against = firstAgainst(filters, instance, request);
    if (against === undefined) kept.push(instance);
    else {
      dropped.push(instance);
      droppedBy.push(against.name);
    }
  }
  return { kept, dropped, droppedBy };
};

const firstAgainst = (
  filters: readonly Filter[],
  instance: InstanceView,
  request: RouteRequest,
): Filter | undefined => {
  for (const filter of filters) if (!filter.keeps(instance, request)) return filter;
  return undefined;
};

/** Column after column, so that each is read from its beginning to its end. */
const totalsOf = (columns: readonly ScoreColumn[], rows: number): readonly number[] => {
  const totals = new Array<number>(rows).fill(0);
  for (const { scores, weight } of columns) {
    for (let row = 0; row < rows; row++)
      totals[row] = (totals[row] ?? 0) + weight * (scores[row] ?? 0);
  }
  return totals;
};
