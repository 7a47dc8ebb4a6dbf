/**
 * One at a time, first come first served. A job that is cancelled while it waits leaves the queue at once; the one
 * inside finishes in its own way.
 */
export interface Turnstile {
  pass<Value>(signal: AbortSignal, work: () => Promise<Value>): Promise<Value>;
  readonly waiting: number;
}

export const createTurnstile = (): Turnstile => {
  let occupied = false;
  const queue: (() => void)[] = [];

  const enter = (signal: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      signal.throwIfAborted();
      if (!occupied) {
        occupied = true;
        resolve();
        return;
      }
      const admit = (): void => {
        signal.removeEventListener('abort', leave);
        resolve();
      };
      const leave = (): void => {
        queue.splice(queue.indexOf(admit), 1);
        reject(signal.reason as Error);
      };
      signal.addEventListener('abort', leave, { once: true });
      queue.push(admit);
    });

  const exit = (): void => {
    const next = queue.shift();
    if (next === undefined) occupied = false;
    else next();
  };

  return {
    pass: async (signal, work) => {
      await enter(signal);
      try {
        return await work();
      } finally {
        exit();
      }
    },
    get waiting() {
      return queue.length;
    },
  };
};
