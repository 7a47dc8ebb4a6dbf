import { setTimeout as delay } from 'node:timers/promises';
import { abortFault } from '../thread/abort-fault.ts';

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

/** Runs work one after the other, as a device does; a failure does not stop what waits behind it. */
export const oneAtATime = (): (<Value>(work: () => Promise<Value>) => Promise<Value>) => {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const mine = last.then(work, work);
    last = mine.catch(() => undefined);
    return mine;
  };
};
