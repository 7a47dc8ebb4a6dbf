import { randomUUID } from 'node:crypto';
import { type InstanceId, instanceId } from '@isotherm/kernel';
import type { LoadInput, StageGetStatusResponseInput } from '@isotherm/proto';
import {
  createLeaseStore,
  createPeers,
  type LeaseStore,
  type Neighbours,
  type Peers,
} from '@isotherm/rpc';
import { type LifeCycleState, watchLoopDelay } from '@isotherm/runtime';
import { createEventHub, type EventHub } from './event-hub.ts';
import type { HostEvent, StageDefinition } from './stage-definition.ts';
import type { StageSettings } from './stage-settings.ts';
import { leversLoad } from './levers.ts';
import { createWorkTable, type JobBase, type WorkTable } from './work-table.ts';

/** Bounds of the event streams. */
const hubOptions = { pendingMax: 16_384, lingerMs: 5 };

/** What an instance is and holds, from its start to its end. */
export interface InstanceState<Event> {
  readonly id: InstanceId;
  readonly startedMs: number;
  readonly store: LeaseStore;
  readonly peers: Peers;
  readonly table: WorkTable;
  readonly hub: EventHub<Event | HostEvent>;
  readonly life: { state: LifeCycleState };
  load(): LoadInput;
  /** Cancels a request; true when it had work or leases here. */
  cancel(requestId: string): boolean;
  /** Counts a payload that a peer has pulled over the network. */
  countPull(): void;
  status(jobs: { readonly finished: number; readonly failed: number }): StageGetStatusResponseInput;
  close(): void;
}

export const createInstanceState = <Job extends JobBase, Event>(
  definition: StageDefinition<Job, Event>,
  settings: StageSettings,
  neighbours: Neighbours,
): InstanceState<Event> => {
  const { stage, model, cache, lever } = definition;
  const precision = (): string => lever?.variant.precision ?? '';
  const loadable = (lever?.loadable ?? []).map((each) => ({ threads: 0, ...each }));
  const startedMs = Date.now();
  const id = instanceId(`${stage}-${randomUUID().slice(0, 8)}`);
  const store = createLeaseStore({ bytesMax: settings.leaseBytesMax });
  const peers = createPeers(neighbours, settings);
  const table = createWorkTable(Date.now);
  const hub = createEventHub<Event | HostEvent>(hubOptions, (routerId) => {
    table.cancelRouter(routerId);
    // It may never have heard of what is kept for it. If it is still there, it has that made again.
    store.releaseHolder(routerId);
  });
  const life: { state: LifeCycleState } = { state: 'starting' };
  const loop = watchLoopDelay();
  let pullsServed = 0;
  const load = (): LoadInput => ({
    ...loadOf(table, definition),
    ...leversLoad(definition),
    ...{ cache: cache?.status() ?? null, loopDelayMs: loop.p99Ms() },
  });
  return {
    ...{ id, startedMs, store, peers, table, hub, life, load },
    cancel: (requestId) => {
      const ran = table.cancelRequest(requestId);
      return store.releaseRequest(requestId) > 0 || ran;
    },
    countPull: () => {
      pullsServed += 1;
    },
    status: ({ finished, failed }) => ({
      ...{ instanceId: id, stage, model, state: life.state, load: load() },
      ...{ leases: store.count, leaseBytes: store.bytes, pullsServed, precision: precision() },
      loadable,
      ...{ jobsFinished: finished, jobsFailed: failed, uptimeMs: Date.now() - startedMs },
    }),
    close: () => {
      peers.close();
      loop.close();
      store.close();
    },
  };
};

const loadOf = (
  table: WorkTable,
  { capacity, load }: { readonly capacity: number; load?(): LoadInput },
): LoadInput => ({
  running: table.running,
  waiting: Math.max(0, table.running - capacity),
  pendingTokens: table.pendingTokens,
  capacity,
  ...load?.(),
});
