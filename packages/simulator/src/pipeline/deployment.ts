import type { ColocateSettings, MediaReading } from '@isotherm/policy';
import type { Patience } from '../stations/patient-lines.ts';
import type { QueueOrder } from '../stations/waiting-lines.ts';
import type { StageCost } from '../stations/stage-cost.ts';
import type { LargeTurnBounds } from './large-turns.ts';

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
  /** Which of the run's hosts all of its instances run on, by number; absent: each has processors of its own. */
  readonly host?: number;
  /** Steps that an engine runs ahead of who is let in, on a host; none where absent. */
  readonly stepsAhead?: number;
  /** Who goes next at the instance; `first-come` where absent. Encoders look at all media of a request. */
  readonly order?: QueueOrder;
  /** Instead, at encoders and prefill instances: short ones first, until others have been passed over so often. */
  readonly patience?: Patience;
}

/** A model that is served, by whom, and how well it has to be. */
export interface Deployment {
  readonly model: string;
  readonly reading: MediaReading;
  /** Share of a text token that a token of a medium costs in prefill; 1 for decoder-only models. */
  readonly mediaTokenShare: number;
  /** Parameters that a token meets, in billions: what its GPUs draw goes by it. Absent: the plant's usual. */
  readonly parametersB?: number;
  readonly pools: readonly Pool[];
  readonly transfer: Transfer;
  /** Absent: none. */
  readonly fabric?: FabricCost;
  readonly slo: Slo;
  /** Tokens of an answer that routing reckons with: how long it will be nobody knows. */
  readonly answerTokensExpected: number;
  /** Whose media the text instances encode themselves, which need costs of encoding for it; absent: nobody's. */
  readonly colocate?: ColocateSettings;
}

/** What handing on takes. */
export interface Transfer {
  readonly latencyMs: number;
  readonly embeddingMsPerToken: number;
  readonly kvMsPerToken: number;
}

/** What getting requests in and tokens out takes, on the whole way. */
export interface FabricCost {
  /** Of a request, and of each of its media; it passes before the first stage has the work. */
  readonly requestMs: number;
  readonly mediumMs: number;
  /** How the router holds requests with media back for those without; absent: not. */
  readonly largeTurns?: LargeTurnBounds;
  /** Processor time of event loops on the host of the first pool; absent: none. */
  readonly loops?: {
    readonly requestMs: number;
    readonly mediumMs: number;
    /** Of handing an answer on to decode. */
    readonly handOverMs: number;
    /** Of a step of decode, and of each of its tokens. */
    readonly stepMs: number;
    readonly tokenMs: number;
  };
}

/** Most time to the first token, and from one to the next as the mean of an answer. */
export interface Slo {
  readonly ttftMs: number;
  readonly tbtMs: number;
  /** Instead: as many times what each request takes alone, on an instance that does all of it. */
  readonly alone?: AloneSlo;
}

export interface AloneSlo {
  readonly ttftTimes: number;
  readonly tbtTimes: number;
  readonly costs: Readonly<Record<'encode' | 'prefill' | 'decode', StageCost>>;
}
