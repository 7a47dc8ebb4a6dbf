import type { ServiceDefinition } from '@grpc/grpc-js';
import type { UntypedServiceImplementation } from '@grpc/grpc-js';
import type { Intake, Stage } from '@isotherm/kernel';
import type { AcceptedInput, CacheChangeInput, FailedInput, LoadInput } from '@isotherm/proto';
import type { GivenPayloads, LeaseStore, Peers } from '@isotherm/rpc';
import type { StageCache } from './stage-cache.ts';
import type { Levers } from './levers.ts';
import type { JobBase } from './work-table.ts';

/** Events that every stage has, as the cases of its own oneof spell them; the host sends them. */
export type HostEvent =
  | { readonly accepted: AcceptedInput }
  | { readonly failed: FailedInput }
  | { readonly load: LoadInput }
  | { readonly cache: CacheChangeInput };

/** What an instance offers to everything that runs in it. */
export interface StageResources {
  readonly store: LeaseStore;
  readonly peers: Peers;
  /** Own address, for handles. */
  readonly address: string;
  readonly instanceId: string;
  /** Whether a router's event stream is open: nothing is kept for one that is gone. */
  watches(routerId: string): boolean;
}

/** What a job may use while it runs. */
export interface JobContext<Event> extends StageResources {
  /** Aborts on cancel, deadline, or when the job's router is gone; the reason is a Fault. */
  readonly signal: AbortSignal;
  readonly laneWaitMs: number;
  /** Payloads that came with the job; absent: none. */
  readonly given?: GivenPayloads | undefined;
  emit(event: Event): void;
}

/** What one stage adds to the common host. */
export interface StageDefinition<Job extends JobBase, Event> extends Levers {
  readonly stage: Stage;
  /** The stage's own gRPC service, of which the host serves Watch. */
  readonly service: ServiceDefinition;
  readonly model: string;
  /** Absent: tensors. */
  readonly takes?: Intake;
  /** Jobs or sequences that run at once; may change with the batch of its pace. */
  readonly capacity: number;
  readonly contextMax: number;
  tokensOf(job: Job): number;
  /** What it knows of its load beside what every stage reports. */
  load?(): LoadInput;
  /** Runs one job to its end; a Fault that it throws becomes a Failed event. */
  run(job: Job, context: JobContext<Event>): Promise<void>;
  /** Resolves when the engine has died. */
  readonly engineFailed: Promise<Error>;
  closeEngine(): Promise<void>;
  /**
   * Calls back when the engine ceases to take work, and when it does so again. Routers send an
   * instance nothing meanwhile. Absent: it always takes work.
   */
  watchReadiness?(changed: (ready: boolean) => void): void;
  /** What routers may know of the stage's cache, where it has one. */
  readonly cache?: StageCache;
  /** Calls of its service beside Watch. */
  calls?(resources: StageResources): UntypedServiceImplementation;
}
