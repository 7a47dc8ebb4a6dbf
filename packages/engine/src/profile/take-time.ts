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

/** Work that begins so soon after the last was told to be done began right at its end, as on a device that never waits. */
const seamMsMax = 5;
/** Most lateness of timers that is made up for. */
const owedMsMax = 100;
/** Shorter waits than timers can keep are owed to the next unit. */
const timerMsMin = 1;

export interface DeviceOptions {
  readonly nowMs?: () => number;
  readonly wait?: typeof takeTime;
}

/**
 * Time as it passes on a device: units that follow each other begin at the end of the last, not where a late timer noticed
 * it, so that a thousand steps take a thousand times a step, however coarse timers are.
 */
export const deviceTime = ({
  nowMs = () => performance.now(),
  wait = takeTime,
}: DeviceOptions = {}): typeof takeTime => {
  let endMs = Number.NEGATIVE_INFINITY;
  let toldMs = Number.NEGATIVE_INFINITY;
  return async (ms, signal) => {
    if (signal?.aborted) throw abortFault(signal);
    const beganMs = nowMs();
    const isSeam = beganMs - toldMs <= seamMsMax;
    endMs = (isSeam ? Math.max(endMs, beganMs - owedMsMax) : beganMs) + Math.max(0, ms);
    const leftMs = endMs - beganMs;
    try {
      await wait(leftMs < timerMsMin ? 0 : leftMs, signal);
    } catch (thrown) {
      endMs = nowMs();
      throw thrown;
    } finally {
      toldMs = nowMs();
    }
  };
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
