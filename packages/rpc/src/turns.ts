/** Turns of large work, which steps aside for small work. */
export interface Turns {
  /**
   * Resolves when it is the caller's turn, in the order of asking; the result gives the turn back, and does nothing when
   * it is called again. Rejects with the signal's reason.
   */
  take(signal?: AbortSignal): Promise<() => void>;
  /** Small work begins; the result says that it has ended. */
  small(): () => void;
  /** Large work that has its turn, and that waits for it. */
  readonly taken: number;
  readonly waiting: number;
}

export interface TurnBounds {
  /** Most large work at once. */
  readonly atOnceMax: number;
  /** Longest time that a free turn is held back while small work is under way, in milliseconds: large work does not starve. */
  readonly yieldMsMax: number;
  /**
   * Least time between the end of a turn and the next one's begin while small work comes, in milliseconds: large work that
   * follows on itself keeps every loop and cache on its way busy. 0 is none.
   */
  readonly restMs: number;
}

/** Small work comes as long as the last of it began no longer ago than this. */
const smallRecentMs = 1_000;

interface Waiting {
  begin(): void;
}

export const createTurns = ({ atOnceMax, yieldMsMax, restMs }: TurnBounds): Turns => {
  const waiting = new Set<Waiting>();
  let taken = 0;
  let small = 0;
  let smallCameMs = -Infinity;
  let restedMs = -Infinity;
  let yielding: NodeJS.Timeout | undefined;
  let resting: NodeJS.Timeout | undefined;

  const begin = (): void => {
    clearTimeout(yielding);
    yielding = undefined;
    const [next] = waiting;
    if (next === undefined || taken >= atOnceMax) return;
    waiting.delete(next);
    taken += 1;
    next.begin();
    advance();
  };
  const restLeftMs = (): number => {
    const nowMs = performance.now();
    const comes = small > 0 || nowMs - smallCameMs <= smallRecentMs;
    return comes ? restedMs - nowMs : 0;
  };
  const endRest = (): void => {
    resting = undefined;
    advance();
  };
  const advance = (): void => {
    if (waiting.size === 0 || taken >= atOnceMax || resting !== undefined) return;
    const leftMs = restLeftMs();
    if (leftMs > 0) {
      resting = setTimeout(endRest, leftMs);
      return;
    }
    if (small === 0) begin();
    else yielding ??= setTimeout(begin, yieldMsMax);
  };
  /** A function that does something the first time. */
  const once = (action: () => void): (() => void) => {
    let done = false;
    return () => {
      if (done) return;
      done = true;
      action();
    };
  };
  const giveBack = (): void => {
    taken -= 1;
    restedMs = performance.now() + restMs;
    advance();
  };

  return {
    take: (signal) =>
      new Promise((resolve, reject) => {
        signal?.throwIfAborted();
        const leave = (): void => {
          waiting.delete(entry);
          reject(signal?.reason as Error);
        };
        const entry: Waiting = {
          begin: () => {
            signal?.removeEventListener('abort', leave);
            resolve(once(giveBack));
          },
        };
        signal?.addEventListener('abort', leave, { once: true });
        waiting.add(entry);
        advance();
      }),
    small: () => {
      small += 1;
      smallCameMs = performance.now();
      return once(() => {
        small -= 1;
        advance();
      });
    },
    get taken() {
      return taken;
    },
    get waiting() {
      return waiting.size;
    },
  };
};
