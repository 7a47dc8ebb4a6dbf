import type { DecodedToken } from '../contract.ts';
import type { DecodeBatch } from './decode-batch.ts';

/** Steps of a batch that are run before anyone asks for them. */
export interface StepsAhead {
  /**
   * What was run ahead, all steps of it together; else the next steps, as many as begin within `togetherMs` and until an
   * answer ends. One that is `alone` is a single step, and none is run ahead after it.
   */
  step(alone?: boolean): Promise<readonly DecodedToken[]>;
  /** Runs one step ahead; false when there is none to run. Never rejects: a failure is that of the next `step`. */
  advance(): Promise<boolean>;
  /** Somebody has joined: the next step waits until it is asked for, since others may be about to. */
  joined(): void;
  /** Drops the tokens of one that has left. */
  left(sequence: string): void;
}

export interface StepsAheadBounds {
  /** Most steps that are run beyond the one that was asked for. */
  readonly stepsMax: number;
  /** How long tokens wait for those of further steps before they are handed over; 0: not at all. */
  readonly togetherMs: number;
}

/**
 * While the host is busy with other things, a batch that is as it was can go on; its tokens wait here. Where a step takes
 * less time than telling of it (small models: a fifth of a millisecond), those of a few steps are told at once. Whoever
 * joins or leaves does so between two calls as ever. At most `stepsMax` steps ahead, so that what is run in vain for an
 * answer that ends early is bounded.
 */
export const createStepsAhead = (
  batch: Pick<DecodeBatch, 'step' | 'size' | 'mayStep'>,
  { stepsMax, togetherMs }: StepsAheadBounds,
  nowMs: () => number = () => performance.now(),
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
      const untilMs = nowMs() + (alone ? 0 : togetherMs);
      let made = await batch.step();
      const mayGoOn = (): boolean =>
        nowMs() < untilMs &&
        steps < stepsMax &&
        batch.mayStep &&
        made.every(({ finish }) => finish === undefined);
      while (mayGoOn()) {
        steps += 1;
        try {
          made = [...made, ...(await batch.step())];
        } catch (thrown) {
          failed = { thrown };
          break;
        }
      }
      return made;
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
