import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '@isotherm/kernel';
import type { RawReading } from '../../telemetry/reading.ts';
import type { PushReport, SourceKind, TelemetrySource } from '../../telemetry/source.ts';

/** What one look found. */
export interface Look {
  readonly readings: readonly RawReading[];
  /** What could not be read of it, in a sentence; absent: nothing. */
  readonly problem?: string;
}

export interface PollingOptions {
  readonly name: string;
  readonly kind: SourceKind;
  /** Time from one look to the next, in milliseconds. */
  readonly everyMs: number;
  /** Longest time for one look, in milliseconds. */
  readonly timeoutMs: number;
  /** Longest rest after looks that failed one after the other, in milliseconds. */
  readonly backoffMsMax: number;
  /** One look. Throws a sentence for an operator when there is nothing to be had; ends when the signal aborts. */
  readonly look: (signal: AbortSignal) => Promise<Look>;
  /** Says goodbye where that is due, such as a session's end. */
  readonly leave?: () => Promise<void>;
}

/** How it rests between looks: until the time is over or the signal aborts. */
export type Rest = (ms: number, signal: AbortSignal) => Promise<void>;

/** A source that looks again and again: each look with a deadline, and after failures with longer and longer rests. */
export const pollingSource = (
  options: PollingOptions,
  clock: Clock,
  rest: Rest = restFor,
): TelemetrySource => {
  const { name, kind, everyMs, timeoutMs, backoffMsMax, look, leave } = options;
  /** A look that outlived its deadline: there is never a second one beside it. */
  let hanging = false;

  const lookOnce = async (push: PushReport, signal: AbortSignal): Promise<boolean> => {
    if (hanging) {
      push({ kind: 'failed', problem: `A look has hung for longer than ${timeoutMs} ms.` });
      return false;
    }
    // What is read was so when it was asked for, at the latest.
    const atMs = clock.nowMs();
    try {
      const { readings, problem } = await bounded(look, signal, timeoutMs, (hangs) => {
        hanging = hangs;
      });
      if (signal.aborted) return true;
      push({ kind: 'readings', atMs, readings });
      if (problem !== undefined) push({ kind: 'failed', problem });
      return true;
    } catch (error) {
      if (!signal.aborted) push({ kind: 'failed', problem: sentenceOf(error) });
      return false;
    }
  };

  const start = async (push: PushReport, signal: AbortSignal): Promise<void> => {
    let failures = 0;
    while (!signal.aborted) {
      const beganMs = clock.monotonicMs();
      failures = (await lookOnce(push, signal)) ? 0 : failures + 1;
      const tookMs = clock.monotonicMs() - beganMs;
      await rest(restMs(failures, tookMs), signal);
    }
    await leave?.().catch(() => undefined);
  };

  const restMs = (failures: number, tookMs: number): number =>
    failures === 0
      ? Math.max(0, everyMs - tookMs)
      : Math.max(everyMs, Math.min(backoffMsMax, everyMs * 2 ** Math.min(failures, 20)));

  return { name, kind, start };
};

const bounded = async (
  look: (signal: AbortSignal) => Promise<Look>,
  signal: AbortSignal,
  timeoutMs: number,
  note: (hangs: boolean) => void,
): Promise<Look> => {
  const late = new AbortController();
  const over = new Promise<never>((_, reject) => {
    late.signal.addEventListener('abort', () => reject(late.signal.reason as Error));
  });
  const timer = setTimeout(() => {
    late.abort(new Error(`No answer within ${timeoutMs} ms.`));
  }, timeoutMs);
  const stop = (): void => late.abort(new Error('stopped'));
  signal.addEventListener('abort', stop, { once: true });
  note(true);
  const looked = (async () => look(late.signal))().finally(() => note(false));
  try {
    return await Promise.race([looked, over]);
  } catch (error) {
    // A look that was cut off says so in its own words; ours are about why.
    throw late.signal.aborted ? (late.signal.reason as Error) : error;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
    looked.catch(() => undefined);
  }
};

const restFor: Rest = async (ms, signal) => {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
};

const problemLengthMax = 300;

const sentenceOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).slice(0, problemLengthMax);
