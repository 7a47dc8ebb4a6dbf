import type { Stage } from '@isotherm/kernel';
import type { GpuState, LevelState } from '../headroom/level.ts';
import type { Place } from '../headroom/place.ts';
import type { Tier } from './tier.ts';

/** How an instance runs. Clock and batch are changed at once; what else there is needs a reload. */
export interface Configuration {
  readonly model: string;
  readonly precision: string;
  readonly parallelism: number;
  /** Threads that compute, on processors; absent: not a matter of them. */
  readonly threads?: number;
  readonly batchMax: number;
  /** Share of the highest clock, or of the pace where an engine has no GPU: above 0, 1 at most. */
  readonly clockShare: number;
}

/** What was measured of a configuration, for one stage on one class of server. */
export interface Profile {
  readonly configuration: Configuration;
  /** Load that it serves within its latency target, in the unit of `AdjustableInstance.load`. */
  readonly goodput: number;
  /** What the instance draws without load and at its goodput, with its part of the server. */
  readonly idleW: number;
  readonly fullW: number;
  /** How far the cores and the memory of its GPUs rise above the inlet at its goodput, in kelvins. */
  readonly coreK: number;
  readonly memoryK: number;
  /** Share of the answers that are as good as the best model's. */
  readonly quality: number;
  /** How long it takes to load it. */
  readonly reloadS: number;
}

/** The settings of an instance that a plan may change. */
export interface InstanceSetting {
  /** `configurationKey` of one of its profiles. */
  readonly configuration: string;
  /** Power cap; absent: none. */
  readonly capW?: number;
  /** Gets no new work. */
  readonly stopped: boolean;
}

/** An instance that is ours to change. */
export interface AdjustableInstance {
  readonly tenant: 'adjustable';
  readonly id: string;
  readonly place: Place;
  readonly stage: Stage;
  /** The model as clients know it: instances of one stage and one such model take each other's work. */
  readonly model: string;
  /** Work that it is meant to do, also where it does less now: what an autoscaler or the router intends for it. */
  readonly load: number;
  /**
   * The part of its time that its engine works for that, in the same unit: more than `load` where batches are not full. Power and
   * temperatures follow it. Absent: `load`.
   */
  readonly busyLoad?: number;
  readonly profiles: readonly Profile[];
  /** As it was last commanded. */
  readonly current: InstanceSetting;
  /** Configuration that it goes back to, by key. */
  readonly preferred: string;
  /** How long ago its setting was last changed. */
  readonly changedAgoS: number;
}

/** An instance of somebody else: it can be capped, and nothing else; it is, last of all. */
export interface OpaqueInstance {
  readonly tenant: 'opaque';
  readonly id: string;
  readonly place: Place;
  /** What it is expected to draw without a cap. */
  readonly demandW: number;
  /** Lowest cap that its hardware takes. */
  readonly capMinW: number;
  readonly capW?: number;
  /** Kelvins that the cores and memory of its GPUs rise for each watt that it draws. */
  readonly coreKPerW: number;
  readonly memoryKPerW: number;
  readonly changedAgoS: number;
}

export type PlannedInstance = AdjustableInstance | OpaqueInstance;

/** All that a plan is made from, as plain data. Predictions include all that was commanded until now. */
export interface PlanRoom {
  readonly levels: readonly LevelState[];
  readonly gpus: readonly GpuState[];
  readonly instances: readonly PlannedInstance[];
  /** Time until a limit is met that must not be: reloads that take longer come too late. Absent: there is time. */
  readonly deadlineS?: number;
}

/** What an action does, as differences: negative power is saved. */
export interface ActionEffect {
  readonly powerW: number;
  readonly coreK: number;
  readonly memoryK: number;
  /** Load that the instance can no longer serve; negative: can serve again. */
  readonly capacityLoss: number;
  readonly qualityLoss: number;
}

interface ActionBase {
  readonly instance: string;
  /** Constraint and tier that asked for it, `row:r1 cheap`, or `recovery`. */
  readonly reason: string;
  readonly effect: ActionEffect;
  /** How long it takes. */
  readonly costS: number;
}

export type PlanAction =
  | (ActionBase & { readonly kind: 'reconfigure'; readonly from: string; readonly to: string })
  | (ActionBase & { readonly kind: 'cap'; readonly capW: number })
  | (ActionBase & { readonly kind: 'stop-routing' })
  /** Ends a cap, a stop, or both. */
  | (ActionBase & { readonly kind: 'release'; readonly of: 'cap' | 'stop' });

/** A limit that the plan leaves closer than it aims at. */
export interface Unsolved {
  /** `row:r1`, `core:s1/0`. */
  readonly constraint: string;
  readonly unit: 'W' | 'K';
  /** By how much the aim is missed. */
  readonly over: number;
  /** The limit itself would be passed. */
  readonly pastLimit: boolean;
}

/** For an autoscaler: the load of a model's stage that no instance has capacity for. */
export interface ReplicaNeed {
  readonly stage: Stage;
  readonly model: string;
  readonly lackLoad: number;
  /** Instances in their preferred configuration that would serve it. */
  readonly replicas: number;
}

/** What is given up in all once the plan is carried out, also by earlier plans. */
export interface PlanLosses {
  /** Power that opaque instances would draw and may not. */
  readonly opaqueW: number;
  /** Load without capacity, and all load, of adjustable instances. */
  readonly lackLoad: number;
  readonly load: number;
  /** Mean loss of quality against preferred configurations, weighted by load. */
  readonly qualityLoss: number;
}

export interface PlanTrace {
  /** Each change in the order it was decided, before what turned out not to be needed was taken back. */
  readonly steps: readonly PlanStep[];
  /** Instances whose configuration has no profile: nothing is planned for them. */
  readonly unknown: readonly string[];
}

export interface PlanStep {
  readonly constraint: string;
  readonly need: number;
  readonly tier: Tier;
  readonly instance: string;
  readonly to: string;
  readonly relief: number;
}

export interface Plan {
  readonly actions: readonly PlanAction[];
  readonly unsolved: readonly Unsolved[];
  readonly needsReplicas: readonly ReplicaNeed[];
  readonly losses: PlanLosses;
  readonly trace: PlanTrace;
}

export interface PlanSettings {
  /** Shares of a power limit: at which a plan acts, to which it brings it down, and up to which it gives back. */
  readonly engageShare: number;
  readonly targetShare: number;
  readonly releaseShare: number;
  /** The same as distances below a temperature limit, in kelvins. */
  readonly engageK: number;
  readonly targetK: number;
  readonly releaseK: number;
  /** Most quality that an instance gives up against its preferred configuration. */
  readonly qualityLossMax: number;
  /** Most of a model's load at a stage that may stay without capacity, as a share. */
  readonly shedShareMax: number;
  /** A reload of so many seconds weighs as much as all of an instance's capacity. */
  readonly reloadWeightS: number;
  /** An instance that was changed keeps what it has for so long before anything is given back. */
  readonly dwellS: number;
  /** The same for caps of opaque instances in an emergency, which are looked at anew after that. */
  readonly opaqueDwellS: number;
  /**
   * What is given back has to have room when all of it is used, not just for the load that is meant: who was held back may have
   * more to do than shows.
   */
  readonly restoresFull: boolean;
  /** Most instances that something is given back to in one plan: predictions have to follow. */
  readonly releasesMax: number;
  /** Most changes that one plan considers in a row. */
  readonly stepsMax: number;
  /** Capacity that the lowest cap leaves, as a share: who still gets work must be able to do some. */
  readonly capShareMin: number;
  /** Caps are multiples of this. */
  readonly capStepW: number;
}
