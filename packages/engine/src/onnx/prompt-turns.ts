import { Fault } from '@isotherm/kernel';
import { abortFault } from '../thread/abort-fault.ts';

/** A prompt that waits for its next turn. */
export interface WaitingPrompt {
  readonly remainingTokens: number;
  /** Turns that others have had since its own last one, or since it came. */
  readonly passedOver: number;
}

/** How often a prompt is passed over at most by shorter ones before it has a turn. */
const passedOverMax = 16;

/** Most prompts that wait; more means that the caller ignores its own limits. */
const waitingMax = 1024;

/**
 * Whose turn it is: the prompt with the fewest tokens left, since it makes the others wait least; the first that came
 * among equals. One that was passed over too often goes before all others, so that short prompts slow a long one down
 * and never stop it.
 */
export const nextPrompt = <Prompt extends WaitingPrompt>(
  waiting: readonly Prompt[],
): Prompt | undefined => {
  const patient = waiting.filter(({ passedOver }) => passedOver >= passedOverMax);
  const [first, ...rest] = patient.length > 0 ? patient : waiting;
  return rest.reduce<Prompt | undefined>(
    (best, each) =>
      best !== undefined && each.remainingTokens >= best.remainingTokens ? best : each,
    first,
  );
};

/** One prompt's work, done in turns. */
export interface Turns<Result> {
  readonly remainingTokens: number;
  /** Takes one turn; the result with the last one. */
  turn(): Promise<{ readonly kind: 'more' } | { readonly kind: 'done'; readonly result: Result }>;
  /** Called once when it will have no further turn though it is not done. */
  drop(): void;
}

/** Gives prompts their turns, one at a time. A prompt whose signal aborts leaves at once, also between two turns. */
export interface PromptTurns {
  run<Result>(
    work: Turns<Result>,
    signal: AbortSignal,
  ): Promise<{ readonly result: Result; readonly waitedMs: number }>;
}

interface Entry {
  readonly remainingTokens: number;
  passedOver: number;
  /** Takes its turn; true when it will need no other. */
  step(): Promise<boolean>;
}

export const createPromptTurns = (): PromptTurns => {
  const waiting: Entry[] = [];
  let turning = false;

  const leave = (entry: Entry): void => {
    const index = waiting.indexOf(entry);
    if (index >= 0) waiting.splice(index, 1);
  };
  const turn = async (): Promise<void> => {
    if (turning) return;
    turning = true;
    for (let next = nextPrompt(waiting); next !== undefined; next = nextPrompt(waiting)) {
      for (const entry of waiting) entry.passedOver += 1;
      next.passedOver = 0;
      if (await next.step()) leave(next);
    }
    turning = false;
  };

  return {
    run: (work, signal) =>
      new Promise((resolve, reject) => {
        if (signal.aborted) return reject(abortFault(signal));
        if (waiting.length >= waitingMax) {
          return reject(new Fault('saturated', `${waitingMax} prompts already wait.`));
        }
        const sinceMs = performance.now();
        let waitedMs: number | undefined;
        let left = false;
        let stepping = false;
        const end = (): void => {
          left = true;
          signal.removeEventListener('abort', abandon);
        };
        const entry: Entry = {
          get remainingTokens() {
            return work.remainingTokens;
          },
          passedOver: 0,
          step: async () => {
            waitedMs ??= performance.now() - sinceMs;
            stepping = true;
            try {
              const turned = await work.turn();
              if (left) work.drop();
              else if (turned.kind === 'done') {
                end();
                resolve({ result: turned.result, waitedMs });
              }
            } catch (thrown) {
              end();
              reject(Fault.from(thrown));
            }
            stepping = false;
            return left;
          },
        };
        const abandon = (): void => {
          end();
          reject(abortFault(signal));
          // One whose turn it is goes when that has ended.
          if (stepping) return;
          leave(entry);
          work.drop();
        };
        signal.addEventListener('abort', abandon, { once: true });
        waiting.push(entry);
        void turn();
      }),
  };
};
