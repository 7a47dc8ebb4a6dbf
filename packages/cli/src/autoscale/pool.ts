import { type ProfileEntry, safeTokensPerS, saturationOf } from '@isotherm/kernel';
import {
  autoscale,
  bearableReplicas,
  type EngineUse,
  firstScale,
  type ScaleDecision,
  type ScaleSample,
  type ScaleSettings,
  type ScaleState,
  servedTokensPerS,
} from '@isotherm/policy';
import type { StageService } from '@isotherm/stack';

/** The instances of one stage, as one look at them found them. */
export interface PoolReading {
  readonly atMs: number;
  /** Share of first tokens, or of answers' tokens for decode, that were in time since the look before. */
  readonly attainment: number | undefined;
  readonly instances: readonly InstanceReading[];
  /** Requests that came ÷ requests that were let in, since the look before; absent: 1. */
  readonly cameShare?: number;
  /** More instances that the room has a place for, in power and heat; absent where there is no room, or nobody knows. */
  readonly places?: number;
}

export interface InstanceReading {
  readonly instanceId: string;
  /** Counted since it started, in milliseconds. */
  readonly busyMs: number;
  readonly jobMs: number;
  /** Of the work that routers have given it and that it has not ended, in tokens of its stage. */
  readonly pendingTokens: number;
  /** Share of its full clock that it runs at. */
  readonly clockShare: number;
  /** What heat and power leave for it, 0 to 1; undefined where nobody knows. */
  readonly headroomShare: number | undefined;
}

/** What a pool is scaled by. */
export interface PoolPlan {
  readonly service: StageService;
  readonly entry: ProfileEntry;
  /** Of each piece of work, and what 99 of 100 of them have to keep. */
  readonly tokens: number;
  readonly targetMs: number;
}

export interface Pool {
  readonly plan: PoolPlan;
  readonly state: ScaleState;
  /** The reading before. */
  readonly before: PoolReading | undefined;
}

export const firstPool = (plan: PoolPlan, instances: number): Pool => ({
  ...{ plan, before: undefined },
  // A pool begins as it was started; there is nothing to plan before there has been a load.
  state: { ...firstScale(instances), plannedAtMs: 0 },
});

export interface PoolStep {
  readonly pool: Pool;
  readonly sample: ScaleSample;
  readonly decision: ScaleDecision;
}

/** The pool after one more look; undefined at the first, which says nothing of a load yet. */
export const nextPool = (
  pool: Pool,
  reading: PoolReading,
  settings: ScaleSettings,
): { readonly pool: Pool; readonly step: PoolStep | undefined } => {
  const { before, plan } = pool;
  if (before === undefined || reading.atMs <= before.atMs) {
    const state = { ...pool.state, plannedAtMs: reading.atMs };
    return { pool: { ...pool, state, before: reading }, step: undefined };
  }
  const sample = sampleOf(plan, before, reading);
  const { state, decision } = autoscale(pool.state, sample, settings);
  const next = { ...pool, state, before: reading };
  return { pool: next, step: { pool: next, sample, decision } };
};

const sampleOf = (
  { entry, tokens, targetMs }: PoolPlan,
  before: PoolReading,
  reading: PoolReading,
): ScaleSample => {
  const { instances, attainment, places, cameShare = 1 } = reading;
  const spanMs = reading.atMs - before.atMs;
  const uses = instances.flatMap((instance): readonly EngineUse[] => {
    const { instanceId, busyMs, jobMs, clockShare } = instance;
    const earlier = before.instances.find((one) => one.instanceId === instanceId);
    const busy = busyMs - (earlier?.busyMs ?? 0);
    const jobs = jobMs - (earlier?.jobMs ?? 0);
    // As it was before and is now, for what it was meanwhile.
    const meanClock = ((earlier?.clockShare ?? clockShare) + clockShare) / 2;
    return busy > 0
      ? [{ busyShare: busy / spanMs, meanBatch: jobs / busy, clockShare: meanClock }]
      : [];
  });
  const worked = servedTokensPerS(entry, tokens, uses);
  const shares = instances.flatMap(({ headroomShare }) => headroomShare ?? []);
  const known = shares.length > 0 || places !== undefined;
  // Places are told in instances: a room's levels leave each of them its own watts.
  const left = { running: instances.length, leftW: places ?? Infinity, instanceW: 1 };
  return {
    atMs: reading.atMs,
    // Who is still at the door would have been part of what is worked through, not of what piled up besides.
    loadTokensPerS: Math.max(0, cameShare * worked + piledUpPerS(entry, before, reading)),
    capacityTokensPerS: safeTokensPerS(entry, { tokens, targetMs }),
    saturationTokensPerS: saturationOf(entry, tokens).tokensPerS,
    ...(attainment === undefined ? {} : { attainment }),
    ready: instances.length,
    startMs: entry.startS * 1000,
    ...(known && {
      replicasBearable: bearableReplicas({ ...left, temperatureShare: Math.min(1, ...shares) }),
    }),
  };
};

/**
 * Tokens a second that came and were not worked through, or were without having come now: by what instances have more, or less, to
 * do than before. Those that have left take theirs along. What decode has before it nobody knows.
 */
const piledUpPerS = (
  { stage }: ProfileEntry,
  before: PoolReading,
  { atMs, instances }: PoolReading,
): number => {
  if (stage === 'decode') return 0;
  const more = instances.reduce((sum, { instanceId, pendingTokens }) => {
    const earlier = before.instances.find((one) => one.instanceId === instanceId);
    return sum + pendingTokens - (earlier?.pendingTokens ?? 0);
  }, 0);
  return (more * 1000) / (atMs - before.atMs);
};

/** Whom a pool can do without: who has least to do. */
export const leastBusy = ({ instances }: PoolReading): InstanceReading | undefined =>
  instances.toSorted((a, b) => a.pendingTokens - b.pendingTokens)[0];
