import { deferred, type Deferred } from '@isotherm/kernel';

/**
 * Memory for KV caches that have been pulled and are in no slot yet. A cache has its place before it is pulled; where
 * there is none it stays with its owner.
 */
export interface WaitingRoom {
  /**
   * Resolves when there is room, in the order of asking; the result is to be called when the cache has got a slot or is
   * dropped, and does nothing when it is called again. Rejects with the signal's reason.
   */
  enter(bytes: number, signal: AbortSignal): Promise<() => void>;
  /** Bytes of those inside. */
  readonly bytes: number;
  readonly bytesMax: number;
  /** How many have no room yet. */
  readonly heldBack: number;
}

interface HeldBack {
  readonly bytes: number;
  readonly entered: Deferred<() => void>;
}

/** One alone is let in whatever its size: else it could never run. */
export const createWaitingRoom = (bytesMax: number): WaitingRoom => {
  let heldBack: readonly HeldBack[] = [];
  let bytes = 0;

  const place = (own: number): (() => void) => {
    bytes += own;
    let inside = true;
    return () => {
      if (!inside) return;
      inside = false;
      bytes -= own;
      admit();
    };
  };
  const admit = (): void => {
    for (let [next] = heldBack; next !== undefined; [next] = heldBack) {
      if (bytes > 0 && bytes + next.bytes > bytesMax) return;
      heldBack = heldBack.slice(1);
      next.entered.resolve(place(next.bytes));
    }
  };

  return {
    enter: (own, signal) => {
      const entry: HeldBack = { bytes: own, entered: deferred() };
      const leave = (): void => {
        heldBack = heldBack.filter((other) => other !== entry);
        entry.entered.reject(signal.reason);
        // It may have kept a smaller one behind it waiting.
        admit();
      };
      if (signal.aborted) return Promise.reject(signal.reason);
      signal.addEventListener('abort', leave, { once: true });
      heldBack = [...heldBack, entry];
      admit();
      return entry.entered.promise.finally(() => signal.removeEventListener('abort', leave));
    },
    get bytes() {
      return bytes;
    },
    bytesMax,
    get heldBack() {
      return heldBack.length;
    },
  };
};
