import type { StagePoint, StageProfile } from '@isotherm/kernel';

export type PlannedStage = StageProfile['stage'];

/** A stage on instances of one size, from its profile. */
export interface StageChoice {
  readonly stage: PlannedStage;
  /** Name of the profile's entry. */
  readonly entry: string;
  /** GPUs of an instance, or threads where it runs on processors. */
  readonly size: number;
  /** Of each piece of work, and what 99 of 100 of them have to keep in milliseconds. */
  readonly tokens: number;
  readonly targetMs: number;
  /** What one instance does within the target, with all its time. */
  readonly capacityTokensPerS: number;
  /** A typical unit: one medium, one prompt, a step of a busy batch. */
  readonly unitMs: StagePoint['latencyMs'];
}

export interface ColocationInput {
  /** Load of each stage in tokens a second (`stageLoad`). */
  readonly loads: Readonly<Record<PlannedStage, number>>;
  /** Choices of each stage, of several sizes. */
  readonly choices: readonly StageChoice[];
  /** Until the first token, and from one token to the next, at the 99th percentile. */
  readonly firstTokenMs: number;
  readonly tokenMs: number;
  /** Time of handing on an embedding, and a KV cache, between instances; nothing within one. */
  readonly embeddingMs: number;
  readonly kvCacheMs: number;
  /** GPUs (or threads) of a server. */
  readonly serverSize: number;
  /** Media of a request: without any, encoding is no part of its first token. */
  readonly mediaPerRequest: number;
}

/** Stages that share instances. */
export interface ColocationGroup {
  readonly stages: readonly PlannedStage[];
  readonly entries: readonly string[];
  readonly size: number;
  readonly instances: number;
  /** Share of its instances' time that each stage takes, in the order of `stages`. */
  readonly busyShares: readonly number[];
}

/** One way to share, with what it costs and gives. */
export interface ColocationLayout {
  /** As in `encode+prefill | decode`. */
  readonly name: string;
  readonly groups: readonly ColocationGroup[];
  /** GPUs (or threads) in all. */
  readonly size: number;
  readonly firstTokenMs: number;
  readonly tokenMs: number;
}

export interface ColocationRefusal {
  readonly name: string;
  readonly reason: 'no-profile' | 'first-token' | 'token' | 'capacity';
}

/** Instances in one server: how many of each group, in the order of the layout's groups. */
export type ServerPacking = readonly number[];

export type ColocationPlan =
  | {
      readonly kind: 'planned';
      readonly layout: ColocationLayout;
      readonly servers: readonly ServerPacking[];
      /** The others that keep the targets, best first, and why the rest do not. */
      readonly alternatives: readonly ColocationLayout[];
      readonly refused: readonly ColocationRefusal[];
    }
  | { readonly kind: 'impossible'; readonly refused: readonly ColocationRefusal[] };
