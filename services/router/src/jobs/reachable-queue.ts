import { setTimeout as delay } from 'node:timers/promises';

export interface QueueHealth {
  /** Whether commands can be queued now. */
  healthy(): boolean;
}

const lookEveryMs = 25;

/**
 * Waits a bounded time while the queue cannot be reached, so that a store that restarts costs requests a moment and not
 * their attempts. Whether it can be reached then is for the attempt to see. Faults: the signal's reason.
 */
export const untilQueueReachable = async (
  queue: QueueHealth,
  waitMs: number,
  signal: AbortSignal,
): Promise<void> => {
  if (queue.healthy()) return;
  const deadlineMs = performance.now() + waitMs;
  while (!queue.healthy() && performance.now() < deadlineMs) {
    await delay(lookEveryMs, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
};
