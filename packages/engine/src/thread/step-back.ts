import { readlinkSync } from 'node:fs';
import { getPriority, setPriority } from 'node:os';

/** How far an engine's thread steps back: a nice value, from 0 (not at all) to 19. */
const niceness = 10;

/**
 * Lets the event loops of this machine go before the calling thread. Engines compute for milliseconds on end and could
 * use every core; a message, a heartbeat or a cancel takes microseconds, and should not wait for a time slice. Linux
 * gives each thread a priority of its own; where there is none, nothing happens.
 */
export const stepBack = (): void => {
  const thread = threadNumber();
  if (thread === undefined) return;
  try {
    setPriority(thread, Math.max(getPriority(), niceness));
  } catch {
    // Not allowed to: it runs as it is.
  }
};

/** The kernel's number of the calling thread. */
const threadNumber = (): number | undefined => {
  try {
    return Number(readlinkSync('/proc/thread-self').split('/').at(-1));
  } catch {
    return undefined;
  }
};
