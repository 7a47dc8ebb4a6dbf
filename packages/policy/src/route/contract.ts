import type { InstanceId, Intake, Random, Stage } from '@isotherm/kernel';
import type { Headroom } from '../headroom/headroom.ts';

/** One instance as a policy sees it: a frozen snapshot. */
export interface InstanceView {
  readonly id: InstanceId;
  readonly stage: Stage;
  readonly model: string;
  /** Absent: tensors. */
  readonly takes?: Intake;
  /** Its event stream is open and it takes new work. */
  readonly ready: boolean;
  /** Its circuit breaker lets no work through now. Absent: it does. */
  readonly tripped?: boolean;
  /** Jobs or sequences that it runs at once. */
  readonly capacity: number;
  /** Longest context in tokens. */
  readonly contextMax: number;
  /** Tokens booked on it by this router and not finished. */
  readonly bookedTokens: number;
  /** Tokens that the instance last reported as pending, of all routers; fading when reports stop. */
  readonly reportedTokens: number;
  /** What power and temperature limits leave it; absent where nobody knows. */
  readonly headroom?: Headroom | undefined;
  /** The process that it runs in; absent or empty: nobody knows. */
  readonly processId?: string;
  /** Stages of other instances in its process; absent: none. */
  readonly sharesWith?: ReadonlySet<Stage>;
  /** How long its oldest work waits of which nothing has come yet, in milliseconds; absent: none waits. */
  readonly queueAgeMs?: number;
  /** What it last said to hold in its cache: media at an encoder, blocks of prompts at a prefill instance. */
  readonly cacheKeys: ReadonlySet<string>;
  /** KV memory that it last reported as taken, in bytes. */
  readonly kvBytes: number;
  /** Most bytes of KV memory; 0 where it has no such bound. */
  readonly kvBytesMax: number;
}

/** The work to place. */
export interface RouteRequest {
  readonly stage: Stage;
  readonly model: string;
  /** What the work comes as; absent: tensors. */
  readonly takes?: Intake;
  /** Tokens that the work adds to an instance's load. */
  readonly tokens: number;
  /** Context that the work needs in tokens. */
  readonly contextTokens: number;
  /** Instances that already failed at this work. */
  readonly excluded: ReadonlySet<InstanceId>;
  /** The stage in whose process it is best done; absent: in a process of its own. */
  readonly beside?: Stage;
  /** Tokens of what it reads that each process holds, by the process; absent: it reads nothing that is held by tokens. */
  readonly inputTokens?: ReadonlyMap<string, number>;
  /** Requests wait in front of the fleet: what instances are given is less than there is to do. Absent: no. */
  readonly crowded?: boolean;
  /** What a cache could hold of it, in order: the medium, or the blocks of the prompt from the first on. */
  readonly cacheKeys: readonly string[];
}

/** Keeps or drops an instance; `name` stands in traces and metrics. */
export interface Filter {
  readonly name: string;
  keeps(instance: InstanceView, request: RouteRequest): boolean;
}

/** A filter that is skipped where it would leave nobody, or only instances that have too much to do. */
export interface Preference extends Pick<Filter, 'name'> {
  /** `draw`: 0 to 1, drawn anew for each decision, and the same for all instances of it. */
  keeps(instance: InstanceView, request: RouteRequest, draw: number): boolean;
  /** Whether it reads the draw; where none of a policy does, none is drawn. Absent: no. */
  readonly isDrawn?: boolean;
  /**
   * Skipped where all that it keeps have so many times the work at hand more to do, for each unit of their capacity, than
   * one that it drops; while requests wait in front of the fleet, where they have more to do at all. Infinity: only where
   * it would leave nobody.
   */
  readonly patience: number;
}

/** Rates instances against each other: 1 is the best, 0 the worst. */
export interface Scorer {
  readonly name: string;
  /** Whether it has anything to say of such work; where not, it gives 0 to everybody. Absent: always. */
  concerns?(request: RouteRequest): boolean;
  /** What it gives to one, where that does not depend on the others: `score` says the same. Absent: it does. */
  each?(instance: InstanceView, request: RouteRequest): number;
  score(instances: readonly InstanceView[], request: RouteRequest): readonly number[];
}

/** Picks one of the rated instances (at least one). */
export interface Picker {
  readonly name: string;
  pick(scores: readonly number[], random: Random): number;
}

/** A routing policy: filters in order, weighted scorers, one picker. */
export interface RoutePolicy {
  readonly filters: readonly Filter[];
  /** What decides among those that the filters keep, as long as it does not cost too much; absent: none. */
  readonly preferences?: readonly Preference[];
  readonly scorers: readonly { readonly scorer: Scorer; readonly weight: number }[];
  readonly picker: Picker;
}

/** What one scorer said of all instances that were in the running. */
export interface ScoreColumn {
  readonly name: string;
  readonly weight: number;
  readonly scores: readonly number[];
}

/**
 * Why the decision came out as it did: enough to replay it on paper. By columns, as it was computed: among a thousand
 * instances an object for each would take longer than the decision. `writtenTrace` writes out what is worth reading.
 */
export interface RouteTrace {
  /** Names of the preferences that were skipped; absent: none. */
  readonly waived?: readonly string[];
  /** What preferences were given as their draw; absent: none was drawn. */
  readonly draw?: number;
  /** Instances that were in the running; rows of all columns are theirs. */
  readonly kept: readonly InstanceView[];
  /** Instances that a filter dropped, and at the same place its name. */
  readonly dropped: readonly InstanceView[];
  readonly droppedBy: readonly string[];
  readonly columns: readonly ScoreColumn[];
  /** Weighted sums. */
  readonly totals: readonly number[];
}

export type RouteDecision =
  | { readonly kind: 'selected'; readonly instance: InstanceView; readonly trace: RouteTrace }
  | {
      readonly kind: 'rejected';
      readonly reason: 'no_instance' | 'all_filtered';
      readonly trace: RouteTrace;
    };
