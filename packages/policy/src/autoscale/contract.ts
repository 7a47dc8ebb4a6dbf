/** What is known of one pool: the instances of a stage of a model. */
export interface ScaleSample {
  readonly atMs: number;
  /** Load since the sample before, in tokens a second of the kind that the stage works through (`stageLoad`). */
  readonly loadTokensPerS: number;
  /** What one instance does within the SLO, from its profile (`safeTokensPerS` of the kernel). */
  readonly capacityTokensPerS: number;
  /** What one instance does at most (`saturationOf` of the kernel); absent: how much less many need to spare is not known. */
  readonly saturationTokensPerS?: number;
  /** Share of requests that were in time since the sample before; absent: none ended. */
  readonly attainment?: number;
  /** Instances that take work. */
  readonly ready: number;
  /** From the decision to start one until it takes work. */
  readonly startMs: number;
  /** Instances that the place bears in power and heat, those that run included; absent: no limit is known. */
  readonly replicasBearable?: number;
}

export interface ScaleSettings {
  readonly replicasMin: number;
  readonly replicasMax: number;
  /** Without a reason to hurry, plans are so far apart. */
  readonly planEveryMs: number;
  /**
   * Attainment below this, or a load that has outgrown what is wanted, is a reason to plan at once, but not sooner than this after the
   * last plan.
   */
  readonly attainmentMin: number;
  readonly urgentEveryMs: number;
  /** Instances beyond the load, ready for a burst or a failure. */
  readonly warmSpares: number;
  /** The load is the mean of this long: what single samples differ by is chance. */
  readonly loadWindowMs: number;
  /** Instances are given up only where the load of this long, and a share on top, does without them. */
  readonly downWindowMs: number;
  readonly downMarginShare: number;
  /** Most instances that one plan adds, and takes away. */
  readonly stepUpMax: number;
  readonly stepDownMax: number;
  /**
   * For so long the load has to have been what was planned for before the profile is judged by its misses; how much less of its capacity
   * is believed then, at most; the least that is believed; and by how much more where the SLO was kept.
   */
  readonly judgeEveryMs: number;
  readonly doubtShare: number;
  readonly trustMin: number;
  readonly trustGrowth: number;
}

/** What a pool's autoscaler remembers: plain data. */
export interface ScaleState {
  /** Instances that are wanted now. */
  readonly target: number;
  readonly plannedAtMs: number;
  /** Share of the profile's capacity that is believed. */
  readonly trust: number;
  /** Loads of the last while, each the mean of a part of it. */
  readonly loads: readonly LoadMark[];
  /** The first sample, and the one before the next. */
  readonly firstAtMs: number | undefined;
  readonly sampledAtMs: number | undefined;
  /** How the SLO was kept since the load was last more than what was there for it; undefined: it is so now. */
  readonly evidence: Evidence | undefined;
}

export interface LoadMark {
  readonly fromMs: number;
  /** How long it is the mean of. */
  readonly spanMs: number;
  readonly tokensPerS: number;
}

export interface Evidence {
  readonly fromMs: number;
  /** For how long it is known how many were in time, and the mean share of them. */
  readonly spanMs: number;
  readonly attainment: number;
}

export type ScaleReason = 'first' | 'periodic' | 'attainment' | 'outgrown';
export type ScaleLimit = 'none' | 'min' | 'max' | 'step' | 'headroom' | 'capacity';

/** Why a target is what it is. */
export interface ScaleTrace {
  readonly reason: ScaleReason;
  /** Load that is expected once an instance that is started now takes work. */
  readonly expectedTokensPerS: number;
  readonly believedTokensPerS: number;
  /** What the load asks for, spares included, and up to where there is no reason to give any up. */
  readonly wanted: number;
  readonly keptUpTo: number;
  /** What kept the target from what is wanted. */
  readonly limitedBy: ScaleLimit;
}

export type ScaleDecision =
  /** Not yet time to plan. */
  | { readonly kind: 'wait'; readonly target: number }
  | { readonly kind: 'planned'; readonly target: number; readonly trace: ScaleTrace };
