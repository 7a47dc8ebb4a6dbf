/**
 * Ports of the command fabric. A lane is the queue of one instance of one stage; the registry says which instances
 * live. Both have a Redis adapter and an in-memory adapter that pass the same conformance suite.
 */
import type { InstanceId, Intake, JobId, Stage } from '@isotherm/kernel';

/** A command as it travels: small, clear text, never a payload (media, prompt, tensor). */
export interface LaneJob<Body> {
  /** Unique; a second job with an id that is waiting or running in the same lane is dropped. */
  readonly id: JobId;
  readonly body: Body;
  /** 0 is the most urgent; equal priorities keep their order. Up to 2^20. */
  readonly priority?: number;
}

/** What became of `add`. */
export type AddOutcome =
  | { readonly kind: 'added' }
  | { readonly kind: 'duplicate' }
  | { readonly kind: 'rejected'; readonly reason: 'full' | 'closed' };

/** The sending side of one lane. */
export interface LaneSender<Body> {
  add(job: LaneJob<Body>): Promise<AddOutcome>;
  /** Removes a job that no consumer has taken. `false`: it was taken, done or never there. */
  remove(id: JobId): Promise<boolean>;
  /** Whether a job waits or runs: not once it is done, and not when the store has lost it. */
  holds(id: JobId): Promise<boolean>;
  /** Jobs waiting. */
  depth(): Promise<number>;
  close(): Promise<void>;
}

/** A job as its consumer sees it. */
export interface Delivery<Body> {
  readonly id: JobId;
  readonly body: Body;
  /** 1 on the first delivery; a job whose consumer died is delivered again. */
  readonly attempt: number;
}

/** The receiving side of one lane. */
export interface LaneConsumer {
  /**
   * Begins a job of this lane of which a copy came past it; `run` takes the handler's place. The job that the lane holds is
   * taken and acknowledged as ever, and not run a second time. `false`: there is no room or others wait, the job has begun
   * already, or the lane gains nothing by it; it comes as jobs do.
   */
  ahead(id: JobId, run: () => Promise<void>): boolean;
  /** Takes no further job and waits for the handlers that run. */
  pause(): Promise<void>;
  /** `pause`, then lets go of every resource. */
  close(): Promise<void>;
}

/**
 * Handles one job. The job is acknowledged when the promise settles (a rejection is acknowledged too and logged by
 * the adapter: failures travel as events, not as queue state). Handlers run concurrently up to `concurrency`.
 */
export type LaneHandler<Body> = (delivery: Delivery<Body>) => Promise<void>;

export interface ConsumeOptions {
  /** Most handlers at once. */
  readonly concurrency: number;
}

export interface Lanes {
  sender<Body>(lane: LaneName): LaneSender<Body>;
  consume<Body>(
    lane: LaneName,
    handler: LaneHandler<Body>,
    options: ConsumeOptions,
  ): Promise<LaneConsumer>;
  /** Deletes a lane and all that waits in it: for instances that are gone. */
  obliterate(lane: LaneName): Promise<void>;
  /** Whether commands can be queued now; `false` while the store cannot be reached. */
  healthy(): boolean;
  close(): Promise<void>;
}

/** Lane of one instance of one stage. */
export type LaneName = string & { readonly lane: unique symbol };
export const laneName = (stage: Stage, instance: InstanceId): LaneName =>
  `${stage}-${instance}` as LaneName;

/** Lane of the commands that change how one instance runs (`Reconfigure`). */
export const controlLaneName = (instance: InstanceId): LaneName =>
  `control-${instance}` as LaneName;

/** What an instance says of itself. */
export interface InstanceRecord {
  readonly id: InstanceId;
  readonly stage: Stage;
  readonly model: string;
  /** Absent: tensors. */
  readonly takes?: Intake;
  /** gRPC address, host:port. */
  readonly address: string;
  /** Jobs or sequences that it runs at once. */
  readonly capacity: number;
  /** Longest context in tokens. */
  readonly contextMax: number;
  /** What instances of one process have in common, and no others; absent: not known. */
  readonly processId?: string;
  /** Precision that new work runs in; absent where its engine has none. */
  readonly precision?: string;
  /** Where it runs, SERVER/GPU[,GPU…] by the room's topology; absent: nobody knows. */
  readonly place?: string;
  /** Unix time in milliseconds. */
  readonly startedMs: number;
  /** `unready`: its engine takes no work for now. */
  readonly state: 'serving' | 'unready' | 'draining';
}

/** What a router says of itself: operators and tools find all routers by it. */
export interface RouterRecord {
  readonly id: string;
  /** gRPC address, host:port. */
  readonly address: string;
  /** Unix time in milliseconds. */
  readonly startedMs: number;
  readonly state: 'serving' | 'draining';
}

/** What a thermal service says of itself: routers and tools find it by this. */
export interface ThermalRecord {
  readonly id: string;
  /** gRPC address, host:port. */
  readonly address: string;
  /** Unix time in milliseconds. */
  readonly startedMs: number;
  readonly state: 'serving' | 'draining';
}

/** What every entry of a registry has. */
export interface RegistryEntry {
  readonly id: string;
}

export interface Registration<Entry extends RegistryEntry = InstanceRecord> {
  /** Says that the record has changed (serving → draining). */
  update(record: Entry): Promise<void>;
  /** Leaves the registry at once. */
  withdraw(): Promise<void>;
}

export interface RegistryWatch {
  close(): Promise<void>;
}

/** Who lives: the instances of all stages, or the routers. */
export interface Registry<Entry extends RegistryEntry = InstanceRecord> {
  /** Enters the registry and keeps the entry alive by heartbeats until `withdraw`. */
  announce(record: Entry): Promise<Registration<Entry>>;
  /** Living entries, by id. */
  list(): Promise<readonly Entry[]>;
  /**
   * Calls `changed` with all living entries: at once, after every announcement, update and withdrawal (within
   * tens of milliseconds), and when an entry has expired because its heartbeats stopped.
   */
  watch(changed: (records: readonly Entry[]) => void): Promise<RegistryWatch>;
  close(): Promise<void>;
}

/** Bounds of the fabric; every adapter honours them. */
export interface FabricLimits {
  /** Most jobs waiting in one lane. */
  readonly laneDepthMax: number;
  /** Time between heartbeats in milliseconds. */
  readonly heartbeatMs: number;
  /** An entry without a heartbeat for this long is gone, in milliseconds. */
  readonly expiryMs: number;
  /** A running job whose consumer shows no life for this long is delivered again, in milliseconds. */
  readonly stalledMs: number;
}

export const defaultLimits: FabricLimits = {
  laneDepthMax: 1024,
  heartbeatMs: 500,
  expiryMs: 2000,
  stalledMs: 10_000,
};
