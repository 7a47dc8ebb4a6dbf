import type { LoadPoint } from './model-profile.ts';
import { stageCosts } from './stage-costs.ts';
import type { StageProfile } from './stage-profile.ts';

/** What an instance does at most, and in what batch: beyond it more at once brings nothing. */
export interface Saturation {
  readonly tokensPerS: number;
  readonly batch: number;
  readonly ms: number;
}

/** Work of no cost counts as this, so that no capacity is endless. */
const msMin = 1e-3;
/** More throughput than this share makes a larger batch worth its longer time. */
const worthShare = 0.02;

/** The smallest batch whose throughput no larger one improves by much, for work of so many tokens each. */
export const saturationOf = (profile: StageProfile, tokens: number): Saturation => {
  const points = batchPoints(profile, tokens);
  const most = Math.max(...points.map(({ tokensPerS }) => tokensPerS));
  const enough = points.find(({ tokensPerS }) => tokensPerS >= most * (1 - worthShare));
  return enough ?? { tokensPerS: 0, batch: 1, ms: 0 };
};

export interface SafeLoad {
  /** Tokens of each piece of work: of a medium, of a prompt, of a context. */
  readonly tokens: number;
  /** What 99 of 100 have to keep: from arrival to end, or from one token to the next (decode). */
  readonly targetMs: number;
  /** Squared variation of the gaps between arrivals; 1 for random ones (the default), more for bursts. */
  readonly arrivalVariation?: number;
}

/**
 * The load in tokens a second at which an instance still keeps a target at its 99th percentile: as it was measured under
 * load, else by what a queue in front of it adds to the time of one piece. 0: not even an idle instance keeps it.
 */
export const safeTokensPerS = (
  profile: StageProfile & { readonly load?: readonly LoadPoint[] },
  safe: SafeLoad,
): number => {
  const { load = [] } = profile;
  if (load.length > 1) return fromLoad(load, safe.targetMs);
  return profile.stage === 'decode' ? fromSteps(profile, safe) : fromQueue(profile, safe);
};

/** Tokens of a unit: a step makes one for each sequence, whatever its context. */
const tokensIn = ({ stage }: StageProfile, batch: number, tokens: number): number =>
  stage === 'decode' ? batch : batch * tokens;

const batchPoints = (profile: StageProfile, tokens: number): readonly Saturation[] => {
  const costs = stageCosts(profile);
  const measured = new Set(profile.points.map(({ batch }) => Math.max(1, Math.floor(batch))));
  const smaller = [...measured].filter((batch) => batch < profile.batchMax);
  return [...smaller.toSorted((a, b) => a - b), profile.batchMax].map((batch) => {
    const ms = Math.max(msMin, costs.latencyMs(batch, tokens));
    return { batch, ms, tokensPerS: (tokensIn(profile, batch, tokens) * 1000) / ms };
  });
};

/** Where the measured curve crosses the target; a first point past it leaves nothing. */
const fromLoad = (load: readonly LoadPoint[], targetMs: number): number => {
  let before: LoadPoint | undefined;
  for (const point of load) {
    if (point.p99Ms <= targetMs) {
      before = point;
      continue;
    }
    if (before === undefined) return 0;
    const share = (targetMs - before.p99Ms) / (point.p99Ms - before.p99Ms);
    return before.doneTokensPerS + share * (point.doneTokensPerS - before.doneTokensPerS);
  }
  return before?.doneTokensPerS ?? 0;
};

/** Decode queues nobody within a step: the largest batch whose step is short enough. */
const fromSteps = (profile: StageProfile, { tokens, targetMs }: SafeLoad): number => {
  const costs = stageCosts(profile);
  let [low, high] = [0, profile.batchMax];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (costs.latencyMs(middle, tokens) <= targetMs) low = middle;
    else high = middle - 1;
  }
  return low === 0 ? 0 : (low * 1000) / Math.max(msMin, costs.latencyMs(low, tokens));
};

/**
 * The 99th percentile of one server's queue by Kingman's exponential tail, P(wait > t) ≈ ρ·exp(−2(1−ρ)t / (c² s)), c² the
 * squared variation of arrivals (work of one size has none): solved for the largest ρ whose wait and work fit the target.
 */
const fromQueue = (
  profile: StageProfile,
  { tokens, targetMs, arrivalVariation = 1 }: SafeLoad,
): number => {
  const best = saturationOf(profile, tokens);
  const fits = (busyShare: number): boolean => {
    const tail = Math.log(Math.max(1, busyShare * 100));
    const wait = (tail * arrivalVariation * best.ms) / (2 * (1 - busyShare));
    return best.ms + wait <= targetMs;
  };
  let [low, high] = [0, 1];
  for (let step = 0; step < 30; step += 1) {
    const middle = (low + high) / 2;
    if (fits(middle)) low = middle;
    else high = middle;
  }
  // Below one hundredth nobody in a hundred waits, which says nothing: the work alone has to fit.
  return best.ms <= targetMs ? low * best.tokensPerS : 0;
};
