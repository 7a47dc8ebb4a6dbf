/** Looks at a server's health, again and again. */
export interface HealthWatch {
  close(): void;
}

export interface HealthWatchOptions {
  /** Rejects when the server takes no requests. */
  probe(signal: AbortSignal): Promise<void>;
  /** Time between two looks; a look that takes longer has failed. In milliseconds. */
  readonly probeMs: number;
  /** Called when it has ceased to be healthy, and when it is so again. */
  changed(healthy: boolean): void;
}

/** A server that is merely slow to answer once is not taken away: two looks must fail in a row. */
const failuresMin = 2;

/** Watches a server that is healthy at the start. */
export const watchHealth = ({ probe, probeMs, changed }: HealthWatchOptions): HealthWatch => {
  const closing = new AbortController();
  let healthy = true;
  let failures = 0;
  let timer: NodeJS.Timeout | undefined;

  const look = async (): Promise<void> => {
    const signal = AbortSignal.any([closing.signal, AbortSignal.timeout(Math.max(probeMs, 1000))]);
    const isWell = await probe(signal).then(
      () => true,
      () => false,
    );
    if (closing.signal.aborted) return;
    failures = isWell ? 0 : failures + 1;
    const now = isWell || (healthy && failures < failuresMin);
    if (now !== healthy) {
      healthy = now;
      changed(healthy);
    }
    timer = setTimeout(() => void look(), probeMs);
  };
  timer = setTimeout(() => void look(), probeMs);
  return {
    close: () => {
      clearTimeout(timer);
      closing.abort();
    },
  };
};
