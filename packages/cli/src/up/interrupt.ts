/** Ctrl-C, SIGTERM, or a terminal that was closed. */
export interface Interrupt {
  /** Aborts at the first of them. */
  readonly signal: AbortSignal;
  dispose(): void;
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** The first one asks to stop; the second calls `force`, which does not come back. */
export const onInterrupt = (force: () => void): Interrupt => {
  const controller = new AbortController();
  const listener = (): void => {
    if (controller.signal.aborted) force();
    else controller.abort();
  };
  for (const name of signals) process.on(name, listener);
  return {
    signal: controller.signal,
    dispose: () => {
      for (const name of signals) process.off(name, listener);
    },
  };
};
