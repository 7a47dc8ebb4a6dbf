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
}

interface Waiting {
  begin(): void;
}

export const createTurns = ({ atOnceMax, yieldMsMax }: TurnBounds): Turns => {
  const waiting = new Set<Waiting>();
  let taken = 0;
  let small = 0;
  let yielding: NodeJS.Timeout | undefined;

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
  const advance = (): void => {
    if (waiting.size === 0 || taken >= atOnceMax) return;
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
