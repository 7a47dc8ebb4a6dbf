import { type ModelProfile, safeTokensPerS, saturationOf, stageCosts } from '@isotherm/kernel';
import { layoutDefaults, reserveWeightOf, splitGpus, stageLoad } from '@isotherm/policy';
import type { RelayoutOptions, RoleLayout } from '@isotherm/simulator';
import { gpusOf } from './layouts.ts';
import { meanTokens } from './mean-tokens.ts';
import { aloneStages, entryOf, type PoolSpec, type Traffic } from './run-arm.ts';

/** Stages that an instance of a role has work at; a stage that only stands by for small pictures has none. */
const stagesOf = (profile: ModelProfile, { role, stages }: PoolSpec) =>
  stages
    .map((name) => entryOf(profile, name))
    .filter(
      ({ stage }) => role === 'whole' || role === stage || (role === 'text' && stage !== 'encode'),
    );

export interface Design {
  readonly profile: ModelProfile;
  /** The layout that is known to be good, for what, and how much of that it bears. */
  readonly pools: readonly PoolSpec[];
  readonly traffic: Traffic;
  readonly bearsPerS: number;
  readonly sloTimes: number;
}

/** What an instance of each pool does: pictures and prompts with all its time, answers as many as are in time together. */
const capacitiesOf = ({ profile, pools, traffic, sloTimes }: Design) => {
  const { imageTokens } = profile.shape;
  const means = meanTokens(traffic, imageTokens);
  const share = entryOf(profile, 'prefill-4').mediaTokenShare ?? 1;
  const prompt = means.text + share * means.media;
  const aloneMs = stageCosts(entryOf(profile, aloneStages[2])).latencyMs(1, prompt);
  return pools.map((pool): RoleLayout['capacityTokensPerS'] =>
    Object.fromEntries(
      stagesOf(profile, pool).map((entry) => [
        entry.stage,
        entry.stage === 'decode'
          ? safeTokensPerS(entry, { tokens: prompt, targetMs: sloTimes * aloneMs })
          : saturationOf(entry, entry.stage === 'encode' ? imageTokens : prompt).tokensPerS,
      ]),
    ),
  );
};

/** Instances of each pool that so many requests a second of a traffic keep busy. */
export const busyOf = (design: Design, traffic: Traffic, requestsPerS: number) => {
  const { profile } = design;
  const means = meanTokens(traffic, profile.shape.imageTokens);
  const rates = {
    textTokensPerS: requestsPerS * means.text,
    mediaTokensPerS: requestsPerS * means.media,
    generatedTokensPerS: requestsPerS * means.answer,
  };
  const entriesOf = (capacities: RoleLayout['capacityTokensPerS']) =>
    (['encode', 'prefill', 'decode'] as const).map((stage) => {
      const capacity = capacities[stage];
      return capacity === undefined ? 0 : stageLoad(stage, profile.reading, rates) / capacity;
    });
  return capacitiesOf(design).map((capacities) =>
    entriesOf(capacities).reduce((sum, busy) => sum + busy, 0),
  );
};

const reserveWeightsOf = (design: Design): readonly number[] => {
  const busy = busyOf(design, design.traffic, design.bearsPerS);
  return design.pools.map(({ count }, at) => reserveWeightOf(count, busy[at] ?? 0));
};

/** How a fleet with this layout follows its mix. */
export const relayoutOf = (design: Design): RelayoutOptions => {
  const { profile, pools } = design;
  const capacities = capacitiesOf(design);
  const weights = reserveWeightsOf(design);
  return {
    ...{ lookMs: 5000, settings: layoutDefaults },
    roles: pools.map(({ role, stages }, at) => ({
      role,
      capacityTokensPerS: capacities[at] ?? {},
      reserveWeight: weights[at] ?? 1,
      startMs: 1000 * Math.max(...stages.map((name) => entryOf(profile, name).startS)),
    })),
  };
};

/** The layout that it comes to under another traffic. */
export const relaidPools = (
  design: Design,
  traffic: Traffic,
  requestsPerS: number,
): readonly PoolSpec[] => {
  const { profile, pools } = design;
  const busy = busyOf(design, traffic, requestsPerS);
  const weights = reserveWeightsOf(design);
  const gpus = pools.reduce((sum, pool) => sum + gpusOf(profile, pool), 0);
  const loads = pools.map((pool, at) => ({
    size: gpusOf(profile, { ...pool, count: 1 }),
    busyInstances: busy[at] ?? 0,
    reserveWeight: weights[at] ?? 1,
  }));
  const counts = splitGpus(loads, gpus);
  return pools.map((pool, at) => ({ ...pool, count: counts[at] ?? 1 }));
};
