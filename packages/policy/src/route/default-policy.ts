import type { StageHeadroomSettings } from '../headroom/stage-headroom.ts';
import type { RoutePolicy } from './contract.ts';
import { breakerClosedFilter } from './filters/breaker-closed.ts';
import { contextFitsFilter } from './filters/context-fits.ts';
import {
  hasHeadroomFilter,
  headroomMinDefault,
  headroomPatienceDefault,
} from './filters/has-headroom.ts';
import { notExcludedFilter } from './filters/not-excluded.ts';
import { notStoppedFilter, stoppedNowFilter } from './filters/not-stopped.ts';
import { readyFilter } from './filters/ready.ts';
import { servesModelFilter } from './filters/serves-model.ts';
import { bestScorePicker } from './pickers/best-score.ts';
import { embeddingCacheAffinityScorer } from './scorers/embedding-cache-affinity.ts';
import { headroomScorer, headroomScorerBy } from './scorers/headroom.ts';
import { inputAffinityScorer } from './scorers/input-affinity.ts';
import { kvRoomScorer } from './scorers/kv-room.ts';
import { pendingTokensScorer } from './scorers/pending-tokens.ts';
import { prefixAffinityScorer } from './scorers/prefix-affinity.ts';
import { queueAgeScorer } from './scorers/queue-age.ts';
import { roleScorer } from './scorers/role.ts';

/**
 * What every stage is routed by: of those that can do the work, the one that holds the most of its result already,
 * as long as that saves more than the wait there costs; else the one with the fewest tokens pending. Affinities weigh more
 * than load because they have weighed the load themselves; load decides among equals. A prefix weighs as much as load and
 * inputs together: who holds the prefix has no need of the inputs that it was made of.
 */
export const defaultRoutePolicy: RoutePolicy = {
  filters: [
    servesModelFilter,
    readyFilter,
    breakerClosedFilter,
    notExcludedFilter,
    contextFitsFilter,
    stoppedNowFilter,
  ],
  preferences: [notStoppedFilter, hasHeadroomFilter()],
  scorers: [
    { scorer: pendingTokensScorer, weight: 1 },
    { scorer: embeddingCacheAffinityScorer, weight: 2 },
    { scorer: prefixAffinityScorer, weight: 3 },
    { scorer: inputAffinityScorer, weight: 1.5 },
    // What moves slowly, is hot or shares its process: less than load, and enough to part what is loaded alike.
    { scorer: queueAgeScorer, weight: 0.5 },
    { scorer: headroomScorer, weight: 0.5 },
    { scorer: roleScorer, weight: 0.25 },
    // Less than load, and enough to part instances that are loaded alike.
    { scorer: kvRoomScorer, weight: 0.5 },
  ],
  picker: bestScorePicker,
};

const aboutHeat: ReadonlySet<string> = new Set([notStoppedFilter.name, hasHeadroomFilter().name]);

/** A policy that does not know of heat: the switch of the `route` lever. */
export const withoutHeadroom = (policy: RoutePolicy): RoutePolicy => ({
  ...policy,
  filters: policy.filters.filter((filter) => filter !== stoppedNowFilter),
  preferences: (policy.preferences ?? []).filter(({ name }) => !aboutHeat.has(name)),
  scorers: policy.scorers.filter(({ scorer }) => scorer.name !== headroomScorer.name),
});

/** A policy that sees headroom by other settings than the defaults. */
export const withHeadroomBy = (
  policy: RoutePolicy,
  settings: StageHeadroomSettings,
): RoutePolicy => {
  const filter = hasHeadroomFilter(headroomMinDefault, headroomPatienceDefault, settings);
  const scorer = headroomScorerBy(settings);
  return {
    ...policy,
    preferences: (policy.preferences ?? []).map((each) =>
      each.name === filter.name ? filter : each,
    ),
    scorers: policy.scorers.map((each) =>
      each.scorer.name === scorer.name ? { ...each, scorer } : each,
    ),
  };
};
