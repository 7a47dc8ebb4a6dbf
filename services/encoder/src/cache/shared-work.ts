import { deferred, Fault, type FaultCode } from '@isotherm/kernel';

/** Identical work that is under way is done once for all who want it. */
export interface SharedWork<Value> {
  /**
   * Begins the work, or joins it when it is under way. Whoever aborts leaves alone; the work itself is aborted when
   * nobody waits for it any more. A failure that only the one who began it has to bear (its medium could not be
   * pulled, its deadline has passed) makes the others begin anew.
   */
  run(
    key: string,
    work: (signal: AbortSignal) => Promise<Value>,
    signal: AbortSignal,
  ): Promise<{ readonly value: Value; readonly joined: boolean }>;
  has(key: string): boolean;
}

interface Flight<Value> {
  readonly result: Promise<Value>;
  readonly controller: AbortController;
  waiters: number;
}

/** Faults of the content: who brings the same content gets the same fault. */
const ofContent: ReadonlySet<FaultCode> = new Set([
  'invalid_argument',
  'unsupported',
  'payload_too_large',
]);

export const createSharedWork = <Value>(): SharedWork<Value> => {
  const flights = new Map<string, Flight<Value>>();

  const begin = (key: string, work: (signal: AbortSignal) => Promise<Value>): Flight<Value> => {
    const controller = new AbortController();
    const result = work(controller.signal).finally(() => {
      if (flights.get(key) === flight) flights.delete(key);
    });
    const flight: Flight<Value> = { result, controller, waiters: 0 };
    flights.set(key, flight);
    return flight;
  };

  /** Waits for a flight until the signal aborts. */
  const wait = async (key: string, flight: Flight<Value>, signal: AbortSignal): Promise<Value> => {
    const left = deferred<never>();
    const leave = (): void => left.reject(signal.reason);
    signal.addEventListener('abort', leave, { once: true });
    flight.waiters += 1;
    try {
      return await Promise.race([flight.result, left.promise]);
    } finally {
      signal.removeEventListener('abort', leave);
      flight.waiters -= 1;
      if (flight.waiters === 0) {
        // Whoever comes now must not join what is being given up.
        if (flights.get(key) === flight) flights.delete(key);
        flight.controller.abort(signal.reason);
      }
    }
  };

  return {
    run: async (key, work, signal) => {
      for (;;) {
        signal.throwIfAborted();
        const known = flights.get(key);
        try {
          const value = await wait(key, known ?? begin(key, work), signal);
          return { value, joined: known !== undefined };
        } catch (error) {
          const theirs = known !== undefined && !signal.aborted;
          if (!theirs || ofContent.has(Fault.from(error).code)) throw error;
        }
      }
    },
    has: (key) => flights.has(key),
  };
};
