import type { DecodedToken } from '../contract.ts';
import type { DecodeBatch } from './decode-batch.ts';

/** Steps of a batch that are run before anyone asks for them. */
export interface StepsAhead {
  /** What was run ahead, all steps of it together; else the next step. After one that is `alone` none is run ahead. */
  step(alone?: boolean): Promise<readonly DecodedToken[]>;
  /** Runs one step ahead; false when there is none to run. Never rejects: a failure is that of the next `step`. */
  advance(): Promise<boolean>;
  /** Somebody has joined: the next step waits until it is asked for, since others may be about to. */
  joined(): void;
  /** Drops the tokens of one that has left. */
  left(sequence: string): void;
}

/**
 * While the host is busy with other things, a batch that is as it was can go on; its tokens wait here. Whoever joins or
 * leaves does so between two steps as ever. At most `stepsMax` steps ahead, so that what is run in vain for an answer that
 * ends early is bounded.
 */
export const createStepsAhead = (
  batch: Pick<DecodeBatch, 'step' | 'size' | 'mayStep'>,
  stepsMax: number,
): StepsAhead => {
  let held: readonly DecodedToken[] = [];
  let steps = 0;
  let asked = false;
  let failed: { readonly thrown: unknown } | undefined;

  return {
    step: async (alone = false) => {
      asked = !alone;
      steps = 0;
      const tokens = held;
      held = [];
      if (tokens.length > 0) return tokens;
      const failure = failed;
      failed = undefined;
      if (failure !== undefined) throw failure.thrown;
      return batch.step();
    },
    advance: async () => {
      if (!asked || failed !== undefined || steps >= stepsMax || !batch.mayStep) return false;
      steps += 1;
      try {
        held = [...held, ...(await batch.step())];
        return true;
      } catch (thrown) {
        failed = { thrown };
        return false;
      }
    },
    joined: () => {
      asked = false;
    },
    left: (sequence) => {
      asked = false;
      held = held.filter((token) => token.sequence !== sequence);
      // Nobody is left whom it would concern.
      if (batch.size === 0) failed = undefined;
    },
  };
};
