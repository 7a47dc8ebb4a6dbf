import type { Demand, SloClassName } from '@isotherm/policy';
import type { StageTime } from '../answer/flow.ts';
import type { LoadLedger } from './load-ledger.ts';

/** What is told of an answer's end, where it came to one. */
export interface AnswerAccount {
  readonly stages: readonly StageTime[];
  readonly completionTokens: number;
}

/** One request in the fleet. Each of its steps counts once, however often it is told. */
export interface Ticket {
  /** How long it waited for its turn, in milliseconds. */
  readonly waitedMs: number;
  encoded(): void;
  firstToken(): void;
  finished(account: AnswerAccount): void;
  /** Leaves the fleet, whatever became of it. */
  release(): void;
}

export interface TicketOptions {
  readonly ledger: LoadLedger;
  readonly demand: Demand;
  readonly sloClass: SloClassName;
  readonly waitedMs: number;
  /** Monotonic, in milliseconds. */
  readonly enteredMs: number;
  nowMs(): number;
  onFirstToken(): void;
  onFinished(account: AnswerAccount): void;
  /** There may be room for others. */
  onRoom(): void;
}

export const createTicket = (options: TicketOptions): Ticket => {
  const { ledger, demand, sloClass, enteredMs } = options;
  let at: 'encoding' | 'prefilling' | 'decoding' | 'left' = 'encoding';
  ledger.enter(demand, sloClass);
  const encoded = (): void => {
    if (at !== 'encoding') return;
    at = 'prefilling';
    ledger.encoded(demand);
  };
  const prefilled = (): boolean => {
    encoded();
    if (at !== 'prefilling') return false;
    at = 'decoding';
    ledger.prefilled(demand);
    return true;
  };
  return {
    waitedMs: options.waitedMs,
    encoded: () => {
      encoded();
      options.onRoom();
    },
    firstToken: () => {
      if (!prefilled()) return;
      options.onFirstToken();
      options.onRoom();
    },
    finished: (account) => {
      ledger.learn(account.stages);
      options.onFinished(account);
    },
    release: () => {
      if (at === 'left') return;
      prefilled();
      at = 'left';
      ledger.leave(sloClass, options.nowMs() - enteredMs);
      options.onRoom();
    },
  };
};
