import type { ServiceProcess } from '@isotherm/stack';

/** One of the two things that are compared, running. */
export interface System {
  readonly name: 'isotherm' | 'monolith';
  /** http://host:port of each process that takes requests. */
  readonly targets: readonly string[];
  readonly processes: readonly ServiceProcess[];
  /** The 99th percentile of event-loop delay since the last call by service, in milliseconds. */
  loopDelayP99Ms(): Promise<Readonly<Record<string, number>>>;
  stop(): Promise<void>;
}
