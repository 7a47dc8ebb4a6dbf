import type { DecodedToken } from '@isotherm/engine';
import type { BatchMember, BatchMembers } from './batch-members.ts';

/** How a sequence's time in the batch was spent. */
export interface SequenceTiming {
  readonly queueMs: number;
  readonly engineMs: number;
  /** Most sequences that it shared a step with, itself included. */
  readonly batch: number;
}

/** A token for its owner; `timing` comes with the last one. */
export interface BatchToken<Owner> extends DecodedToken {
  readonly owner: Owner;
  readonly timing: SequenceTiming | undefined;
}

/** A member and whose it is. */
export interface Sequence<Owner> extends BatchMember {
  readonly owner: Owner;
  onJoined(): void;
  readonly sinceMs: number;
  joinedMs: number;
  batch: number;
}

/** The tokens of the last step, between the engine that made them and the owners that are told of them. */
export interface StepTokens {
  /** Enters the tokens of a step into the books of the members. */
  enter(tokens: readonly DecodedToken[]): void;
  readonly undelivered: boolean;
  /** Hands what was entered to the owners, but for sequences that were cancelled since; once. */
  deliver(): void;
}

export const createStepTokens = <Owner>(
  members: BatchMembers<Sequence<Owner>>,
  onStep: (tokens: readonly BatchToken<Owner>[], batch: number) => void,
): StepTokens => {
  let undelivered: (() => void) | undefined;

  const enter = (tokens: readonly DecodedToken[]): (() => void) => {
    const batch = members.size;
    const nowMs = performance.now();
    const entered = tokens.flatMap((token) => {
      const sequence = members.get(token.sequence);
      if (sequence === undefined) return [];
      sequence.batch = Math.max(sequence.batch, batch);
      sequence.tokens += 1;
      if (token.finish !== undefined) members.forget(token.sequence);
      return [{ sequence, token }];
    });
    return () => {
      const owned = entered.flatMap(({ sequence, token }): BatchToken<Owner>[] => {
        if (sequence.signal.aborted) return [];
        const { owner } = sequence;
        if (token.finish === undefined) return [{ ...token, owner, timing: undefined }];
        sequence.done.resolve();
        const queueMs = sequence.joinedMs - sequence.sinceMs;
        const timing = { queueMs, engineMs: nowMs - sequence.joinedMs, batch: sequence.batch };
        return [{ ...token, owner, timing }];
      });
      if (owned.length > 0) onStep(owned, batch);
    };
  };

  return {
    enter: (tokens) => {
      undelivered = enter(tokens);
    },
    get undelivered() {
      return undelivered !== undefined;
    },
    deliver: () => {
      const pending = undelivered;
      undelivered = undefined;
      pending?.();
    },
  };
};
