import type { Clock } from '@isotherm/kernel';
import type { Demand, RefusalReason, SloClasses, SloClassName } from '@isotherm/policy';
import type { NoteFacts } from '../record/note.ts';
import type { LoadLedger } from './load-ledger.ts';
import type { TenantBook } from './tenant-book.ts';

/** A request that asks to be let in. */
export interface Asking {
  readonly tenant: string;
  readonly sloClass: SloClassName;
  readonly demand: Demand;
  /** Tokens of prompt and media, by which its target grows. */
  readonly promptTokens: number;
  /** Memory that it holds while it waits. */
  readonly bytes: number;
  /** Unix time in milliseconds. */
  readonly deadlineMs: number;
  /** Told why it does not go at once. */
  readonly note?: (kind: 'queued' | 'refused', facts: NoteFacts) => void;
}

/** What is told of what became of requests. */
export interface GateListener {
  refused(asking: Asking, reason: RefusalReason): void;
  admitted(asking: Asking, how: 'at_once' | 'urgent' | 'promoted'): void;
  firstToken(asking: Asking, inTime: boolean): void;
  /** An answer of more than one token has ended: whether they came within its class's time a token, as their mean. */
  answered(asking: Asking, inTime: boolean): void;
}

export interface GateOptions {
  readonly ledger: LoadLedger;
  readonly tenants: TenantBook;
  readonly classes: SloClasses;
  readonly clock: Clock;
  /** Longest backlog of a stage that more is sent to, in milliseconds. */
  readonly stageBacklogMs: number;
  /** What waits in front of all models, against what may. */
  readonly bounds: {
    readonly countMax: number;
    readonly bytesMax: number;
    count(): number;
    bytes(): number;
  };
  readonly listener: GateListener;
}
