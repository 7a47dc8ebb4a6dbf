import { deferred } from '@isotherm/kernel';
import type { ServiceProcess } from '@isotherm/stack';
import { errorLine } from '../exit-code.ts';
import type { System } from './system.ts';
import type { Show } from './up-event.ts';

const restartsMax = 3;
const windowMs = 60_000;

/** Processes that are started again when they die. */
export interface KeptAlive {
  /** Resolves with the reason when it gives up, or without one when the signal aborts. */
  readonly gaveUp: Promise<string | undefined>;
  /** Looks after one more, that somebody else has started. */
  watch(process: ServiceProcess): void;
}

/**
 * Starts a service again when its process has died, at most 3 times a minute over all services:
 * more is a fault that restarting does not mend. One that was drained has ended with code 0, and
 * stays away. Of the processes that run now; `watch` adds those that come later.
 */
export const keepAlive = (system: System, show: Show, signal: AbortSignal): KeptAlive => {
  const ended = deferred<string | undefined>();
  const restarts: number[] = [];
  if (signal.aborted) ended.resolve(undefined);
  signal.addEventListener('abort', () => ended.resolve(undefined), { once: true });

  const replace = async (dead: ServiceProcess, code: number | null): Promise<void> => {
    if (signal.aborted) return;
    if (code === 0) return show({ kind: 'drained', service: dead.service, pid: dead.pid });
    const how = code === null ? 'it was killed' : `it ended with code ${code}`;
    await show({ kind: 'died', service: dead.service, pid: dead.pid, how });
    const nowMs = performance.now();
    const recent = restarts.filter((ms) => nowMs - ms < windowMs);
    if (recent.length >= restartsMax) {
      ended.resolve(
        `${dead.service} died, and ${restartsMax} restarts a minute is the most. ` +
          'Run again with --verbose to see why.',
      );
      return;
    }
    restarts.push(nowMs);
    try {
      const next = await system.replace(dead.service);
      await show({ kind: 'restarted', service: next.service, pid: next.pid, ...system.where() });
      watch(next);
    } catch (error) {
      if (signal.aborted) return;
      ended.resolve(`${dead.service} could not be restarted: ${errorLine(error)}`);
    }
  };
  const watch = (one: ServiceProcess): void => {
    void one.exited.then((code) => replace(one, code));
  };
  for (const one of system.processes()) watch(one);
  return { gaveUp: ended.promise, watch };
};
