import { invariant, type ModelProfile, saturationOf } from '@isotherm/kernel';
import { autoscaleDefaults, stageLoad } from '@isotherm/policy';
import {
  arrivalsUntil,
  multimodalArrivals,
  multimodalDefaults,
  randomStream,
  type Role,
  runExperiment,
  type ScalingOptions,
} from '@isotherm/simulator';
import { studyProfile } from '../simulator/fleet.ts';
import { burstyDay, hourShares } from './day-curve.ts';
import { gpusOf } from './layouts.ts';
import { type MeanTokens, meanTokens } from './mean-tokens.ts';
import { type ArmSpec, deploymentOf, entryOf, type Traffic } from './run-arm.ts';

/** A day of traffic, with fewer hours and as steep as with all of them, on an arm. */
export interface DaySpec {
  readonly profile: string;
  readonly arm: ArmSpec;
  readonly traffic: Traffic;
  readonly sloTimes: number;
  /** Mean of the day. */
  readonly requestsPerS: number;
  /** What the arm bears with all of its instances. */
  readonly bearsPerS: number;
  readonly hours: number;
  readonly seed: number;
  /** `scaled`: share of what it bears that the autoscaler reckons with. `fixed`: share of its instances that are there. */
  readonly mode: { readonly kind: 'scaled' | 'fixed'; readonly share: number };
}

export interface DayResult {
  readonly gpuHours: number;
  readonly attainment: number;
  readonly requests: number;
  readonly share: number;
  readonly started: number;
  readonly drained: number;
}

/** What an instance with these stages does at most, in its own kind of tokens, when it does nothing but such requests. */
const saturationBy = (
  profile: ModelProfile,
  stages: readonly string[],
  { text, media, answer }: MeanTokens,
): number => {
  const prompt = text + media * (profile.reading === 'decoder-only' ? 1 : 0);
  const each = stages.map((name) => {
    const entry = entryOf(profile, name);
    const pieces = { encode: profile.shape.imageTokens, prefill: prompt, decode: prompt + answer };
    const tokens = { encode: media, prefill: prompt, decode: answer }[entry.stage];
    return { tokens, s: tokens / saturationOf(entry, pieces[entry.stage]).tokensPerS };
  });
  const tokens = stages.length === 1 ? (each[0]?.tokens ?? 0) : text + media + answer;
  return tokens / each.reduce((sum, { s }) => sum + s, 0);
};

/**
 * What one instance bears where so many bear a load together: the spares z√a that the fleet has beyond what the load keeps busy, in one alone
 * (packages/policy/src/autoscale). `share` of both is reckoned with.
 */
const shared = (loadTokensPerS: number, count: number, saturation: number, share: number) => {
  const busy = loadTokensPerS / saturation;
  if (busy >= count) return { capacityTokensPerS: (share * loadTokensPerS) / count };
  const spare = (count - busy) / Math.sqrt(busy);
  const root = (Math.sqrt(spare * spare + 4) - spare) / 2;
  return {
    capacityTokensPerS: share * root * root * saturation,
    saturationTokensPerS: share * saturation,
  };
};

const scalingOf = (spec: DaySpec): ScalingOptions => {
  const profile = studyProfile(spec.profile);
  const means = meanTokens(spec.traffic, profile.shape.imageTokens);
  const rates = {
    textTokensPerS: spec.bearsPerS * means.text,
    mediaTokensPerS: spec.bearsPerS * means.media,
    generatedTokensPerS: spec.bearsPerS * means.answer,
  };
  const loadOf = (role: Role): number =>
    stageLoad(role === 'text' ? 'whole' : role, profile.reading, rates);
  const begins = (spec.requestsPerS * (hourShares[0] ?? 1)) / (spec.bearsPerS * spec.mode.share);
  // Whatever takes time but requests is as much shorter as the day is.
  const part = spec.hours / 24;
  const { planEveryMs, urgentEveryMs, loadWindowMs, downWindowMs, judgeEveryMs } =
    autoscaleDefaults;
  const times = { planEveryMs, urgentEveryMs, loadWindowMs, downWindowMs, judgeEveryMs };
  const shorter = Object.fromEntries(Object.entries(times).map(([key, ms]) => [key, ms * part]));
  return {
    lookMs: 10_000 * part,
    settings: { ...autoscaleDefaults, ...shorter, replicasMax: 1000 },
    roles: spec.arm.pools.map(({ role, stages, count }) => ({
      role,
      first: Math.min(count, Math.ceil(count * begins) + 1),
      ...shared(loadOf(role), count, saturationBy(profile, stages, means), spec.mode.share),
      startMs: 1000 * part * Math.max(...stages.map((name) => entryOf(profile, name).startS)),
    })),
  };
};

export const runDay = (spec: DaySpec): DayResult => {
  const profile = studyProfile(spec.profile);
  const { hours, seed, mode, traffic, requestsPerS } = spec;
  const endMs = hours * 3_600_000;
  const durationMs = endMs + 120_000;
  const pools = spec.arm.pools.map((pool) => ({
    ...pool,
    count: mode.kind === 'fixed' ? Math.max(1, Math.round(pool.count * mode.share)) : pool.count,
  }));
  const deployment = deploymentOf(profile, { ...spec.arm, pools }, spec.sloTimes);
  const { imageTokens } = profile.shape;
  const options = { ...multimodalDefaults, ...traffic, requestsPerS, imageTokens };
  const result = runExperiment({
    ...{ seed, durationMs, warmUpMs: 0, routing: spec.arm.routing },
    levers: { place: false, route: false, reconfigure: false },
    ...(mode.kind === 'scaled' && { scaling: scalingOf(spec) }),
    deployments: [
      {
        ...deployment,
        arrivals: (from) =>
          arrivalsUntil(
            multimodalArrivals(
              { ...options, curve: burstyDay(seed, hours) },
              randomStream(from, 'arrivals'),
            ),
            endMs,
          ),
      },
    ],
  });
  const outcome = result.deployments[0]?.outcome;
  invariant(outcome !== undefined, 'the day has an outcome');
  const gpus = pools.reduce((sum, pool) => sum + gpusOf(profile, pool), 0);
  return {
    gpuHours: (result.scaling?.gpuMs ?? gpus * durationMs) / 3_600_000,
    attainment: outcome.withinSlo / outcome.arrived,
    ...{ requests: outcome.arrived, share: mode.share },
    ...{ started: result.scaling?.started ?? 0, drained: result.scaling?.drained ?? 0 },
  };
};

export interface DaySearch extends Omit<DaySpec, 'mode'> {
  readonly kind: DaySpec['mode']['kind'];
  readonly shares: readonly number[];
}

export interface LeastDay {
  /** Undefined: no share kept the SLO. */
  readonly best: DayResult | undefined;
  readonly tried: readonly DayResult[];
}

/** The fewest GPU-hours with which 99 of 100 requests are in time, of all these shares. */
export const leastDay = ({ kind, shares, ...spec }: DaySearch): LeastDay => {
  const tried = shares.map((share) => runDay({ ...spec, mode: { kind, share } }));
  const kept = tried.filter(({ attainment }) => attainment >= 0.99);
  return { best: kept.toSorted((a, b) => a.gpuHours - b.gpuHours)[0], tried };
};
