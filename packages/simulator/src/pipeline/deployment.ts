import type { MediaReading } from '@isotherm/policy';
import type { QueueOrder } from '../stations/waiting-lines.ts';
import type { StageCost } from '../stations/stage-cost.ts';

/**
 * What an instance does: one stage; prompts and answers together (`text`, ModServe's text instances); or all of it, as a
 * server of a whole model does.
 */
export const roles = ['encode', 'prefill', 'decode', 'text', 'whole'] as const;
export type Role = (typeof roles)[number];

/** Instances that are alike. */
export interface Pool {
  readonly role: Role;
  readonly count: number;
  /** GPUs of each. */
  readonly gpus: number;
  /** What the stages of its role cost there; one that the role has and this lacks is a slip of whoever made it. */
  readonly costs: Readonly<Partial<Record<'encode' | 'prefill' | 'decode', StageCost>>>;
  /** Most tokens whose KV caches an instance holds. */
  readonly kvTokensMax?: number;
  /** Longest context; absent: no bound. */
  readonly contextMax?: number;
  /** Who goes next at the instance; `first-come` where absent. */
  readonly order?: QueueOrder;
}

/** A model that is served, by whom, and how well it has to be. */
export interface Deployment {
  readonly model: string;
  readonly reading: MediaReading;
  /** Share of a text token that a token of a medium costs in prefill; 1 for decoder-only models. */
  readonly mediaTokenShare: number;
  readonly pools: readonly Pool[];
  readonly transfer: Transfer;
  readonly slo: Slo;
  /** Tokens of an answer that routing reckons with: how long it will be nobody knows. */
  readonly answerTokensExpected: number;
}

/** What handing on takes. */
export interface Transfer {
  readonly latencyMs: number;
  readonly embeddingMsPerToken: number;
  readonly kvMsPerToken: number;
}

/** Most time to the first token, and from one to the next as the mean of an answer. */
export interface Slo {
  readonly ttftMs: number;
  readonly tbtMs: number;
}
