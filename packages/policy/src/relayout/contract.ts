/** Instances that are alike, and the work that there is for them. */
export interface PoolLoad {
  /** GPUs of an instance. */
  readonly size: number;
  /**
   * Instances that the load would keep busy all the time within the SLO: load ÷ capacity, summed over the stages that the pool
   * has (`stageLoad`, `safeTokensPerS`).
   */
  readonly busyInstances: number;
  /**
   * Instances beyond the busy ones that it takes to be in time, ÷ the root of the busy ones: what a layout that is known to be
   * good has of them at the load that it bears (`reserveWeightOf`); 1 where absent.
   */
  readonly reserveWeight?: number;
}

/** What is known of a fleet whose instances can change what they do. */
export interface LayoutSample {
  readonly atMs: number;
  /** GPUs of all pools together. */
  readonly gpus: number;
  readonly pools: readonly PoolLoad[];
}

export interface LayoutSettings {
  /** Plans are so far apart. */
  readonly planEveryMs: number;
  /** Loads are averaged over about so long: a burst of pictures is no new mix. */
  readonly windowMs: number;
  /** A layout whose poorest pool has this margin is good enough, whatever another would have. */
  readonly marginEnough: number;
  /** A layout is left only for one with so much more margin. */
  readonly gainMin: number;
}

/** What is remembered from plan to plan: plain data. */
export interface LayoutState {
  /** Instances of each pool that are wanted. */
  readonly counts: readonly number[];
  /** Averages of the pools' busy instances; empty before the first sample. */
  readonly busyInstances: readonly number[];
  /** Undefined before the first sample. */
  readonly since:
    | { readonly firstAtMs: number; readonly sampledAtMs: number; readonly plannedAtMs: number }
    | undefined;
}

/** Why a layout stays, or another is taken: what margin it has, and what the best of the same GPUs would have (`marginOf`). */
export type LayoutDecision =
  /** Not yet time to plan. */
  | { readonly kind: 'wait' }
  | { readonly kind: 'keep'; readonly margin: number; readonly marginOfBest: number }
  | { readonly kind: 'change'; readonly margin: number; readonly marginOfBest: number };
