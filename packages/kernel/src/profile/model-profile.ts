import type { StagePoint, StageProfile } from './stage-profile.ts';

/** Where a figure comes from: read off a machine, printed by others, computed from such figures, or nobody's. */
export const sourceKinds = ['measured', 'published', 'derived', 'assumed'] as const;
export type SourceKind = (typeof sourceKinds)[number];

export interface ProfileSource {
  /** What stages and points name it by. */
  readonly id: string;
  readonly kind: SourceKind;
  /** The paper with its figure or table, the formula, or the machine, version and day. */
  readonly text: string;
}

/** What a model's stages take and draw: a file of `deploy/profiles`, or one that `isotherm profile` wrote. */
export interface ModelProfile {
  readonly name: string;
  /** The model as its makers name it. */
  readonly model: string;
  /** How it reads media; the load of prefill and decode follows (`stageTokens` in packages/policy). */
  readonly reading: 'decoder-only' | 'cross-attention';
  /** A benchmark's score of its answers ÷ 100, for comparisons; absent: unknown. */
  readonly quality?: number;
  readonly sources: readonly ProfileSource[];
  readonly shape: ProfileShape;
  readonly stages: readonly ProfileEntry[];
}

export interface ProfileShape {
  readonly contextMaxTokens: number;
  /** Tokens of the picture that the profile is about. */
  readonly imageTokens: number;
  readonly hiddenSize: number;
  readonly kvBytesPerToken: number;
}

/** A stage's profile as it stands in a file, with a name, and what was seen of it under load. */
export interface ProfileEntry extends StageProfile {
  readonly name: string;
  /** Quality of its answers, where it differs from that of the file. */
  readonly quality?: number;
  /** From the decision to start an instance until it takes work, in seconds. */
  readonly startS: number;
  readonly points: readonly SourcedPoint[];
  /** A steady load of random arrivals, from little to too much; empty: not measured. */
  readonly load: readonly LoadPoint[];
}

export interface SourcedPoint extends StagePoint {
  /** Id of its source; absent: that of its stage. */
  readonly source?: string;
}

/** What an instance did under a load: tokens of media, of prompts, or generated ones. */
export interface LoadPoint {
  readonly offeredTokensPerS: number;
  readonly doneTokensPerS: number;
  /** Time of a medium or a prompt from its arrival, or of a token from the one before. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Share of the time in which the engine worked. */
  readonly busyShare: number;
  readonly powerW?: number;
  readonly source?: string;
}
