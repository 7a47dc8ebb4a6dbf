import type { Random } from '@isotherm/kernel';
import type { InstanceView, RouteDecision, RoutePolicy, RouteRequest } from '../contract.ts';
import { selectInstance } from '../select-instance.ts';
import { drawnInto } from './drawn.ts';

/** Selects among at most so many instances, drawn at random; among all where none of those can do the work. */
export const selectSampled = (
  policy: RoutePolicy,
  request: RouteRequest,
  instances: readonly InstanceView[],
  random: Random,
  sampleMax: number,
): RouteDecision => {
  if (instances.length <= sampleMax) return selectInstance(policy, request, instances, random);
  const sample: InstanceView[] = [];
  drawnInto(sample, instances, sampleMax, random);
  const decision = selectInstance(policy, request, sample, random);
  return decision.kind === 'selected'
    ? decision
    : selectInstance(policy, request, instances, random);
};
