import { setTimeout as delay } from 'node:timers/promises';
import { Fault } from '@isotherm/kernel';

/** Lets the given time pass; none at all (not even a turn of the event loop) for 0. */
export const takeTime = async (ms: number, signal?: AbortSignal): Promise<void> => {
  if (signal?.aborted) throw abortFault(signal);
  if (ms <= 0) return;
  try {
    await delay(ms, undefined, signal === undefined ? {} : { signal });
  } catch (thrown) {
    throw signal?.aborted ? abortFault(signal) : thrown;
  }
};

/** The fault of an aborted signal: the one given as its reason, else `cancelled`. */
export const abortFault = (signal: AbortSignal): Fault =>
  signal.reason instanceof Fault
    ? signal.reason
    : new Fault('cancelled', 'The work was cancelled.', { cause: signal.reason });

/** Runs work one after the other, as a device does; a failure does not stop what waits behind it. */
export const oneAtATime = (): (<Value>(work: () => Promise<Value>) => Promise<Value>) => {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const mine = last.then(work, work);
    last = mine.catch(() => undefined);
    return mine;
  };
};
