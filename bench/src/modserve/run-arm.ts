import { invariant, type ModelProfile, type ProfileEntry, saturationOf } from '@isotherm/kernel';
import {
  arrivalsUntil,
  createHistogram,
  type Deployment,
  type HistogramState,
  multimodalArrivals,
  multimodalDefaults,
  type Pool,
  profileCost,
  type QueueOrder,
  type Role,
  randomStream,
  runExperiment,
  type StageCost,
} from '@isotherm/simulator';
import { studyProfile } from '../simulator/fleet.ts';

/** Instances that are alike, by the profile's names of their stages. */
export interface PoolSpec {
  readonly role: Role;
  readonly stages: readonly string[];
  readonly count: number;
}

/** One way to serve: who runs what, who goes first, who is chosen, and who encodes small pictures. */
export interface ArmSpec {
  readonly pools: readonly PoolSpec[];
  readonly order: QueueOrder;
  readonly routing: 'policy' | 'in-turn';
  /** Most tokens of a request's pictures that are encoded where its prompt is run; absent: none. */
  readonly colocateTokensMax?: number;
  /**
   * Media and prompts that an instance takes at once: as many as the profile has, or no more than what brings more of them in a
   * second; all of a batch end together, so that one that brings nothing only makes the first wait for the last.
   */
  readonly batches: 'profile' | 'worth';
}

export interface Traffic {
  readonly imageShare: number;
  readonly imagesMax: number;
  readonly burstiness: number;
}

/** A load on an arm. */
export interface PointSpec {
  readonly profile: string;
  readonly arm: ArmSpec;
  readonly traffic: Traffic;
  readonly sloTimes: number;
  readonly requestsPerS: number;
  /** Requests that count; a tenth as many come before. */
  readonly requests: number;
  readonly seed: number;
}

export interface PointResult {
  readonly requestsPerS: number;
  readonly arrived: number;
  /** 99th percentile of the time ÷ what was to be kept; who was not done in the end is late without end. */
  readonly ttftShareP99: number;
  readonly tbtShareP99: number;
  readonly ttftMeanMs: number;
  readonly ttftP99Ms: number;
  /** Share of the requests that kept both. */
  readonly attainment: number;
}

/** The study's instances: what a request takes alone is taken there. */
export const aloneStages = ['encode-4', 'prefill-4', 'decode-4'] as const;
/** After the last request came: longer than the longest answer takes. */
const drainMs = 120_000;

export const entryOf = (profile: ModelProfile, name: string): ProfileEntry => {
  const entry = profile.stages.find((stage) => stage.name === name);
  invariant(entry !== undefined, `${profile.name} has a stage ${name}`);
  return entry;
};

/** Tokens of a usual prompt. */
const promptTokens = 1300;

const batchMaxOf = (profile: ModelProfile, entry: ProfileEntry, batches: ArmSpec['batches']) => {
  if (batches === 'profile' || entry.stage === 'decode') return entry.batchMax;
  const tokens = entry.stage === 'encode' ? profile.shape.imageTokens : promptTokens;
  return saturationOf(entry, tokens).batch;
};

const costsOf = (
  profile: ModelProfile,
  stages: readonly string[],
  batches: ArmSpec['batches'],
): Partial<Record<ProfileEntry['stage'], StageCost>> =>
  Object.fromEntries(
    stages.map((name) => {
      const entry = entryOf(profile, name);
      const batchMax = batchMaxOf(profile, entry, batches);
      return [entry.stage, { ...profileCost(entry), batchMax }];
    }),
  );

const poolOf = (
  profile: ModelProfile,
  spec: PoolSpec,
  { order, batches }: Pick<ArmSpec, 'order' | 'batches'>,
): Pool => {
  const entries = spec.stages.map((name) => entryOf(profile, name));
  const kvTokensMax = entries.find(({ stage }) => stage === 'decode')?.kvTokensMax;
  return {
    ...{ role: spec.role, count: spec.count, costs: costsOf(profile, spec.stages, batches), order },
    gpus: Math.max(...entries.map(({ gpus }) => gpus)),
    ...(kvTokensMax !== undefined && { kvTokensMax }),
  };
};

export const deploymentOf = (
  profile: ModelProfile,
  { pools, colocateTokensMax = 0, ...rules }: ArmSpec,
  sloTimes: number,
): Deployment => {
  const prefill = entryOf(profile, 'prefill-4');
  // 25 GB/s between instances, as InfiniBand of the study's servers gives one GPU.
  const msPerByte = 1 / 25e6;
  const costs = costsOf(profile, aloneStages, 'profile');
  const { encode, prefill: prompt, decode } = costs;
  invariant(encode !== undefined && prompt !== undefined && decode !== undefined, 'all stages');
  const alone = { encode, prefill: prompt, decode };
  return {
    ...{ model: profile.name, reading: profile.reading, answerTokensExpected: 150 },
    mediaTokenShare: prefill.mediaTokenShare ?? 1,
    pools: pools.map((spec) => poolOf(profile, spec, rules)),
    transfer: {
      latencyMs: 5,
      embeddingMsPerToken: 2 * profile.shape.hiddenSize * msPerByte,
      kvMsPerToken: profile.shape.kvBytesPerToken * msPerByte,
    },
    slo: { ttftMs: 1, tbtMs: 1, alone: { ttftTimes: sloTimes, tbtTimes: sloTimes, costs: alone } },
    ...(colocateTokensMax > 0 && {
      colocate: { colocateTokensMax, colocateMediaMax: Number.MAX_SAFE_INTEGER },
    }),
  };
};

const p99Of = (state: HistogramState, missing: number): number => {
  const histogram = createHistogram();
  histogram.merge(state);
  const share = (0.99 * (histogram.count + missing)) / histogram.count;
  return share > 1 ? Infinity : histogram.quantile(share);
};

export const runPoint = (spec: PointSpec): PointResult => {
  const profile = studyProfile(spec.profile);
  const { requestsPerS, requests, seed, arm, traffic } = spec;
  const warmUpMs = (100 * requests) / requestsPerS;
  const endMs = warmUpMs + (1000 * requests) / requestsPerS;
  const result = runExperiment({
    ...{ seed, durationMs: endMs + drainMs, warmUpMs },
    levers: { place: false, route: false, reconfigure: false },
    routing: arm.routing,
    deployments: [
      {
        ...deploymentOf(profile, arm, spec.sloTimes),
        arrivals: (from) =>
          arrivalsUntil(
            multimodalArrivals(
              {
                ...{ ...multimodalDefaults, ...traffic, requestsPerS },
                imageTokens: profile.shape.imageTokens,
              },
              randomStream(from, 'arrivals'),
            ),
            endMs,
          ),
      },
    ],
  });
  const outcome = result.deployments[0]?.outcome;
  invariant(outcome !== undefined, 'the run has an outcome');
  const missing = outcome.arrived - outcome.done;
  const ttft = createHistogram();
  ttft.merge(outcome.ttftMs);
  return {
    ...{ requestsPerS, arrived: outcome.arrived },
    ttftShareP99: p99Of(outcome.ttftShare, missing),
    tbtShareP99: p99Of(outcome.tbtShare, missing),
    ...{ ttftMeanMs: ttft.mean, ttftP99Ms: p99Of(outcome.ttftMs, missing) },
    attainment: outcome.withinSlo / outcome.arrived,
  };
};
