import { type ModelProfile, safeTokensPerS, saturationOf, stageCosts } from '@isotherm/kernel';
import { layoutDefaults, reserveWeightOf, splitGpus, stageLoad } from '@isotherm/policy';
import {
  multimodalArrivals,
  multimodalDefaults,
  randomStream,
  type RelayoutOptions,
  type RoleLayout,
} from '@isotherm/simulator';
import { gpusOf } from './layouts.ts';
import { aloneStages, entryOf, type PoolSpec, type Traffic } from './run-arm.ts';

/** Mean tokens of a request of `multimodalArrivals`, seen in a sample of it. */
const meansOf = (traffic: Traffic, imageTokens: number) => {
  const source = multimodalArrivals(
    { ...multimodalDefaults, ...traffic, requestsPerS: 1, imageTokens },
    randomStream(1, 'means'),
  );
  const sums = { text: 0, media: 0, answer: 0 };
  const count = 20_000;
  for (let each = 0; each < count; each += 1) {
    const arrival = source.next();
    sums.text += (arrival?.textTokens ?? 0) / count;
    sums.media += ((arrival?.media ?? 0) * (arrival?.mediumTokens ?? 0)) / count;
    sums.answer += (arrival?.answerTokens ?? 0) / count;
  }
  return sums;
};

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
  const means = meansOf(traffic, imageTokens);
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
  const means = meansOf(traffic, profile.shape.imageTokens);
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
