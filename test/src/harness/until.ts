/**
 * Waits for a condition that has no event. Throws with `what` (asked anew, so that it may say what
 * is missing).
 */
export const until = async (
  what: string | (() => string),
  holds: () => boolean | Promise<boolean>,
  msMax = 10_000,
): Promise<void> => {
  const deadlineMs = performance.now() + msMax;
  while (!(await holds())) {
    if (performance.now() > deadlineMs) {
      throw new Error(`Not within ${msMax} ms: ${typeof what === 'string' ? what : what()}`);
    }
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
};

const pollMs = 10;

/**
 * A promise that must settle within a bound: a hang is a failure with a name, not a timeout of the
 * whole test.
 */
export const within = async <Value>(
  what: string,
  msMax: number,
  value: Promise<Value>,
): Promise<Value> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`Not within ${msMax} ms: ${what}`)), msMax);
  });
  try {
    return await Promise.race([value, late]);
  } finally {
    clearTimeout(timer);
  }
};
