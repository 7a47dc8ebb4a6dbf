import { Fault } from '@isotherm/kernel';

/** The fault of an aborted signal: the one given as its reason, else `cancelled`. */
export const abortFault = (signal: AbortSignal): Fault =>
  signal.reason instanceof Fault
    ? signal.reason
    : new Fault('cancelled', 'The work was cancelled.', { cause: signal.reason });
