import type { Random } from '@isotherm/kernel';
import type {
  InstanceView,
  RouteDecision,
  RoutePolicy,
  RouteRequest,
  RouteTrace,
} from './contract.ts';
import { preferred } from './preferred.ts';

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
  const dropped: Record<string, string> = {};
  const able = instances.filter((instance) => {
    const filter = policy.filters.find((candidate) => !candidate.keeps(instance, request));
    if (filter !== undefined) dropped[instance.id] = filter.name;
    return filter === undefined;
  });
  const { kept, dropped: cold, waived } = preferred(policy.preferences ?? [], request, able);
  for (const { instance, by } of cold) dropped[instance.id] = by;
  if (kept.length === 0) {
    const reason = instances.length === 0 ? 'no_instance' : 'all_filtered';
    return { kind: 'rejected', reason, trace: { dropped, scores: {} } };
  }
  const columns = policy.scorers.map(({ scorer, weight }) => ({
    name: scorer.name,
    weight,
    scores: scorer.score(kept, request),
  }));
  const totals = kept.map((_, row) =>
    columns.reduce((sum, { scores, weight }) => sum + weight * (scores[row] ?? 0), 0),
  );
  const scores: Record<string, Record<string, number>> = {};
  for (const [row, instance] of kept.entries()) {
    const own: Record<string, number> = { total: totals[row] ?? 0 };
    for (const column of columns) own[column.name] = column.scores[row] ?? 0;
    scores[instance.id] = own;
  }
  const trace: RouteTrace = { dropped, scores, ...(waived.length > 0 && { waived }) };
  const instance = kept[policy.picker.pick(totals, random)];
  return instance === undefined
    ? { kind: 'rejected', reason: 'all_filtered', trace }
    : { kind: 'selected', instance, trace };
};
