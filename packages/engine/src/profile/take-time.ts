import { setTimeout as delay } from 'node:timers/promises';
import { abortFault } from '../thread/abort-fault.ts';

/** Longest time that work of no cost may keep the event loop from turning, in milliseconds. */
const turnMsMax = 1;

/** When the event loop last turned, as far as this file has seen. */
const seen = { turnMs: 0 };

/** Without it a loop of steps that cost nothing would never let a message out or a timer fire. */
const turnWhenDue = async (): Promise<void> => {
  if (performance.now() - seen.turnMs < turnMsMax) return;
  await new Promise((resolve) => setImmediate(resolve));
  seen.turnMs = performance.now();
};

/** Lets the given time pass; for 0 none, but a turn of the event loop when the last was a while ago. */
export const takeTime = async (ms: number, signal?: AbortSignal): Promise<void> => {
  if (signal?.aborted) throw abortFault(signal);
  if (ms <= 0) return turnWhenDue();
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
