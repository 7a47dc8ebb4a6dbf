import { Fault } from '@isotherm/kernel';
import type { RunningService } from './life-cycle.ts';

/** One of several services that are to share a process. */
export interface NamedStart {
  /** For the message when it does not start. */
  readonly name: string;
  start(): Promise<RunningService>;
}

/**
 * Starts several services at once: all of them, in the order given, or none. When one fails, those that have started
 * are stopped, and the fault says which one it was.
 */
export const startTogether = async (
  starts: readonly NamedStart[],
): Promise<readonly RunningService[]> => {
  const outcomes = await Promise.allSettled(starts.map((one) => one.start()));
  const services = outcomes.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const index = outcomes.findIndex(({ status }) => status === 'rejected');
  const failed = outcomes[index];
  if (failed?.status !== 'rejected') return services;
  await stopTogether(services);
  const cause: unknown = failed.reason;
  const why = cause instanceof Error ? cause.message : String(cause);
  throw new Fault(Fault.from(cause).code, `${starts[index]?.name ?? ''}: ${why}`, { cause });
};

export const stopTogether = async (services: readonly RunningService[]): Promise<void> => {
  await Promise.all(services.map((service) => service.stop()));
};

/** Resolves with the first failure as soon as there is one, else when the last service has been drained. */
export const endedTogether = (services: readonly RunningService[]): Promise<Error | undefined> =>
  new Promise((resolve) => {
    const drained = services.map(async ({ ended }) => {
      const failure = await ended;
      if (failure !== undefined) resolve(failure);
    });
    void Promise.all(drained).then(() => resolve(undefined));
  });
