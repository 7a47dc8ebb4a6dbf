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
import { type FleetInstance, stageOf } from '../pipeline/fleet.ts';
import type { Outcome } from '../pipeline/outcome.ts';
import type { Pipeline } from '../pipeline/pipeline.ts';

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

const off = 0;
const starting = 1;
const serving = 2;
const draining = 3;

interface ScaledPool {
  readonly scaling: RoleScaling;
  readonly instances: readonly FleetInstance[];
  readonly states: number[];
  readonly readyAtMs: number[];
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
    const states = instances.map((_, at) => (at < scaling.first ? serving : off));
    instances.forEach(({ view }, at) => (view.ready = states[at] === serving));
    const readyAtMs = instances.map(() => 0);
    return { scaling, instances, states, readyAtMs, scale: firstScale(scaling.first) };
  });
  const reader = createReader(pipeline.outcomes[0], deployment, lookMs);
  const alarm = simulation.add(1, () => {
    const nowMs = simulation.time[0] as number;
    const read = reader();
    let isNew = false;
    for (const pool of pools) {
      const counted = settle(pool, nowMs);
      record.instanceMs += lookMs * counted;
      record.gpuMs += lookMs * counted * (pool.instances[0]?.gpus ?? 0);
      const ready = pool.states.filter((state) => state === serving).length;
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

/** Ends what has started, and what has nothing left to do; how many were there meanwhile. */
const settle = ({ instances, states, readyAtMs }: ScaledPool, nowMs: number): number => {
  const counted = states.filter((state) => state !== off).length;
  instances.forEach(({ view, bank, station }, at) => {
    if (states[at] === starting && (readyAtMs[at] as number) <= nowMs) {
      states[at] = serving;
      view.ready = true;
    }
    const isIdle = bank.running(station) + bank.waiting(station) === 0;
    if (states[at] === draining && isIdle && view.bookedTokens === 0) states[at] = off;
  });
  return counted;
};

/** Starts what is wanting, those that are on their way out first; or lets those go that have least to do. */
const follow = (
  { scale, scaling, instances, states, readyAtMs }: ScaledPool,
  nowMs: number,
): { readonly started: number; readonly drained: number } => {
  const isWanted = (state: number | undefined): boolean => state === starting || state === serving;
  const change = scale.target - states.filter(isWanted).length;
  const order = [...instances.keys()];
  const pick = (state: number, count: number): readonly number[] =>
    order.filter((at) => states[at] === state).slice(0, Math.max(0, count));
  const back = pick(draining, change);
  for (const at of back) {
    states[at] = serving;
    (instances[at] as FleetInstance).view.ready = true;
  }
  const fresh = pick(off, change - back.length);
  for (const at of fresh) {
    states[at] = starting;
    readyAtMs[at] = nowMs + scaling.startMs;
  }
  order.sort((a, b) => bookedOf(instances[a]) - bookedOf(instances[b]) || a - b);
  const unborn = pick(starting, -change);
  for (const at of unborn) states[at] = off;
  const going = pick(serving, -change - unborn.length);
  for (const at of going) {
    states[at] = draining;
    (instances[at] as FleetInstance).view.ready = false;
  }
  return { started: fresh.length, drained: going.length };
};

const bookedOf = (instance: FleetInstance | undefined): number => instance?.view.bookedTokens ?? 0;

/** Of fewer requests than this, one that is late says nothing of 99 in 100. */
const judgedMin = 200;

/** What came since the look before, as rates, and which share of what ended was not made late by a role. */
const createReader = (outcome: Outcome | undefined, { reading }: Deployment, lookMs: number) => {
  const read = () => ({
    text: outcome?.textTokens ?? 0,
    media: outcome?.mediaTokens ?? 0,
    answer: outcome?.answerTokens ?? 0,
    done: outcome?.done ?? 0,
    late: lateBy(outcome),
  });
  let before = read();
  let judged = before;
  return () => {
    const now = read();
    const rate = (of: 'text' | 'media' | 'answer'): number =>
      ((now[of] - before[of]) * 1000) / lookMs;
    const rates = {
      textTokensPerS: rate('text'),
      mediaTokensPerS: rate('media'),
      generatedTokensPerS: rate('answer'),
    };
    const done = now.done - judged.done;
    const earlier = judged;
    if (done >= judgedMin) judged = now;
    before = now;
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
