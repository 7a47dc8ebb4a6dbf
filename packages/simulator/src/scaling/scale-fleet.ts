import {
  autoscale,
  firstScale,
  type ScaleDecision,
  type ScaleSample,
  type ScaleSettings,
  type ScaleState,
  stageLoad,
} from '@isotherm/policy';
import type { Simulation } from '../engine/simulation.ts';
import type { Deployment, Role } from '../pipeline/deployment.ts';
import { stageOf } from '../pipeline/fleet.ts';
import type { Outcome } from '../pipeline/outcome.ts';
import type { Pipeline } from '../pipeline/pipeline.ts';
import {
  type ChangingPool,
  changingPool,
  keepOn,
  letGo,
  presentIn,
  servingIn,
  settle,
  startIn,
  wantedIn,
} from './changing-pool.ts';
import { tokenRates } from './token-rates.ts';

/** How the instances of one role follow the load. */
export interface RoleScaling {
  readonly role: Role;
  /** Instances that take work from the beginning; the rest of the pool is off until it is wanted. */
  readonly first: number;
  /** What one does within the SLO, in tokens a second as `stageLoad` counts them for its stage. */
  readonly capacityTokensPerS: number;
  /** What one does at most; absent: not known. */
  readonly saturationTokensPerS?: number;
  /** From the decision to start one until it takes work. */
  readonly startMs: number;
}

export interface ScalingOptions {
  /** Time between two looks; what was asked for is there at the look after it is ready. */
  readonly lookMs: number;
  readonly settings: ScaleSettings;
  readonly roles: readonly RoleScaling[];
  /** Is told what each look at a pool saw and decided. */
  onLook?(look: ScalingLook): void;
}

/** One look at one pool. */
export interface ScalingLook {
  readonly role: Role;
  readonly sample: ScaleSample;
  readonly decision: ScaleDecision;
  /** Share of the profile's capacity that is believed. */
  readonly trust: number;
  /** Instances that are not off: starting and draining ones too. */
  readonly there: number;
}

export interface ScalingRecord {
  /** GPUs × time of all instances that were not off: starting and draining ones too. */
  readonly gpuMs: number;
  readonly instanceMs: number;
  /** Instances that were started, and told to go. */
  readonly started: number;
  readonly drained: number;
}

interface ScaledPool extends ChangingPool {
  readonly scaling: RoleScaling;
  scale: ScaleState;
}

/**
 * Lets the instances of the first deployment follow its load by the autoscaler of packages/policy: what starts takes its time, what
 * goes takes no new work, ends what it has, and only then is off.
 */
export const scaleFleet = (
  simulation: Simulation,
  pipeline: Pipeline,
  deployment: Deployment,
  { lookMs, settings, roles, onLook }: ScalingOptions,
): ScalingRecord => {
  const record = { gpuMs: 0, instanceMs: 0, started: 0, drained: 0 };
  const pools = roles.map((scaling): ScaledPool => {
    const instances = pipeline.instances.filter(({ role }) => role === scaling.role);
    return {
      ...{ scaling, scale: firstScale(scaling.first) },
      ...changingPool(instances, scaling.first),
    };
  });
  const reader = createReader(pipeline.outcomes[0], deployment, lookMs);
  const alarm = simulation.add(1, () => {
    const nowMs = simulation.time[0] as number;
    const read = reader();
    let isNew = false;
    for (const pool of pools) {
      const counted = presentIn(pool);
      settle(pool, nowMs);
      record.instanceMs += lookMs * counted;
      record.gpuMs += lookMs * counted * (pool.instances[0]?.gpus ?? 0);
      const ready = servingIn(pool);
      const attainment = read.attainmentOf(pool.scaling.role);
      const sample: ScaleSample = {
        ...{ atMs: nowMs, ready, startMs: pool.scaling.startMs },
        loadTokensPerS: read.loadOf(pool.scaling.role),
        capacityTokensPerS: pool.scaling.capacityTokensPerS,
        ...(pool.scaling.saturationTokensPerS !== undefined && {
          saturationTokensPerS: pool.scaling.saturationTokensPerS,
        }),
        ...(attainment !== undefined && { attainment }),
      };
      const { state, decision } = autoscale(pool.scale, sample, {
        ...settings,
        // Each role may make late its part of those who may be late.
        attainmentMin: 1 - (1 - settings.attainmentMin) / pools.length,
        replicasMax: Math.min(settings.replicasMax, pool.instances.length),
      });
      pool.scale = state;
      onLook?.({
        ...{ role: pool.scaling.role, sample, decision },
        ...{ trust: state.trust, there: counted },
      });
      const { started, drained } = follow(pool, nowMs);
      record.started += started;
      record.drained += drained;
      isNew ||= pool.instances.some(({ view }) => view.ready);
    }
    if (isNew) pipeline.retry();
    alarm.set(0, nowMs + lookMs);
  });
  alarm.set(0, lookMs);
  return record;
};

/** Starts what is wanting, those that are on their way out first; or lets those go that have least to do. */
const follow = (
  pool: ScaledPool,
  nowMs: number,
): { readonly started: number; readonly drained: number } => {
  const change = pool.scale.target - wantedIn(pool);
  const lack = change - keepOn(pool, change);
  const started = startIn(pool, lack, nowMs + pool.scaling.startMs);
  return { started, drained: letGo(pool, -change).going };
};

/** Of fewer requests than this, one that is late says nothing of 99 in 100. */
const judgedMin = 200;

/** What came since the look before, as rates, and which share of what ended was not made late by a role. */
const createReader = (outcome: Outcome | undefined, { reading }: Deployment, lookMs: number) => {
  const readRates = tokenRates(outcome, lookMs);
  const read = () => ({ done: outcome?.done ?? 0, late: lateBy(outcome) });
  let judged = read();
  return () => {
    const now = read();
    const rates = readRates();
    const done = now.done - judged.done;
    const earlier = judged;
    if (done >= judgedMin) judged = now;
    return {
      attainmentOf: (role: Role): number | undefined =>
        done >= judgedMin ? 1 - (now.late[role] - earlier.late[role]) / done : undefined,
      loadOf: (role: Role) => stageLoad(role === 'text' ? 'whole' : stageOf(role), reading, rates),
    };
  };
};

/** Whom each role made late. */
const lateBy = (outcome: Outcome | undefined): Readonly<Record<Role, number>> => {
  const {
    done = 0,
    withinSlo = 0,
    lateEncode = 0,
    latePrefill = 0,
    lateDecode = 0,
  } = outcome ?? {};
  return {
    ...{ encode: lateEncode, prefill: latePrefill, decode: lateDecode },
    ...{ text: latePrefill + lateDecode, whole: done - withinSlo },
  };
};
