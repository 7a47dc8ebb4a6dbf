import type { Clock } from '@isotherm/kernel';
import { controlLaneName, type Fabric, type InstanceRecord } from '@isotherm/lanes';
import type { Load, StageGetStatusResponse } from '@isotherm/proto';
import { callUnary, type Peers } from '@isotherm/rpc';
import type { Logger } from '@isotherm/runtime';
import type { Loadable } from '../profiles/profile-book.ts';
import type { RoomIndex } from '../topology/room-index.ts';
import { type InstanceLoad, type PlacedInstance, placeOf } from './instance-book.ts';

export interface InstanceWatchOptions {
  /** Time between two looks at an instance's load, in milliseconds. */
  readonly pollMs: number;
  /** Longest wait for its answer, in milliseconds. */
  readonly pollMsMax: number;
}

/** All living instances with their places and loads. */
export interface InstanceWatch {
  instances(): readonly PlacedInstance[];
  close(): Promise<void>;
}

interface Followed {
  record: InstanceRecord;
  where: ReturnType<typeof placeOf>;
  load: InstanceLoad | undefined;
  loadable: readonly Loadable[];
  last: Counters | undefined;
  asking: boolean;
}

interface Counters {
  readonly busyMs: number;
  readonly jobMs: number;
  readonly monotonicMs: number;
}

/**
 * Follows the registry, and asks every instance for its load. Asking is lighter than to watch as routers do: an instance
 * holds nothing for who asks, and a broken call loses nothing.
 */
export const watchInstances = async (
  {
    fabric,
    peers,
    index,
    clock,
    logger,
  }: {
    readonly fabric: Fabric;
    readonly peers: Peers;
    readonly index: RoomIndex;
    readonly clock: Clock;
    readonly logger: Logger;
  },
  options: InstanceWatchOptions,
): Promise<InstanceWatch> => {
  const followed = new Map<string, Followed>();
  let closed = false;

  const leave = (id: string, { record }: Followed): void => {
    followed.delete(id);
    const others = [...followed.values()].some((each) => each.record.address === record.address);
    if (!others) peers.forget(record.address);
    // Nobody takes commands from it any more.
    void fabric.lanes.obliterate(controlLaneName(record.id)).catch(() => undefined);
  };

  const watch = await fabric.registry.watch((records) => {
    const living = new Set(records.map(({ id }) => id as string));
    for (const [id, each] of followed) if (!living.has(id)) leave(id, each);
    for (const record of records) {
      const where = placeOf(record, index);
      const known = followed.get(record.id);
      if (known !== undefined) Object.assign(known, { record, where });
      else {
        const unknown = { load: undefined, loadable: [], last: undefined, asking: false };
        followed.set(record.id, { record, where, ...unknown });
        logger.info(
          { instance: record.id, place: record.place, found: where.place !== undefined },
          'instance',
        );
      }
    }
  });

  const ask = async (each: Followed): Promise<void> => {
    if (each.asking) return;
    each.asking = true;
    try {
      const deadline = clock.nowMs() + options.pollMsMax;
      const { load, loadable } = await callUnary<StageGetStatusResponse>((done) =>
        peers.stage(each.record.address).getStatus({}, { deadline }, done),
      );
      if (load === null || closed) return;
      const now = { busyMs: load.busyMs, jobMs: load.jobMs, monotonicMs: clock.monotonicMs() };
      each.load = loadOf(load, now, each.last, clock.nowMs()) ?? each.load;
      each.last = now;
      each.loadable = loadable.map(({ threads, ...what }) =>
        threads === 0 ? what : { ...what, threads },
      );
    } catch {
      // It has left, or will answer the next time; its last load counts until the registry drops it.
    } finally {
      each.asking = false;
    }
  };

  const timer = setInterval(() => {
    for (const each of followed.values()) void ask(each);
  }, options.pollMs);

  return {
    instances: () =>
      [...followed.values()].map(({ record, where, load, loadable }) => ({
        ...{ record, ...where, load, loadable },
      })),
    close: async () => {
      closed = true;
      clearInterval(timer);
      await watch.close();
      followed.clear();
    },
  };
};

/** What the counters' growth says; nothing before the second look, or where an engine was started anew. */
export const loadOf = (
  load: Load,
  now: Counters,
  last: Counters | undefined,
  atMs: number,
): InstanceLoad | undefined => {
  if (last === undefined || now.busyMs < last.busyMs) return undefined;
  const spanMs = now.monotonicMs - last.monotonicMs;
  if (spanMs <= 0) return undefined;
  const busyMs = now.busyMs - last.busyMs;
  const batch = busyMs > 0 ? Math.max(1, (now.jobMs - last.jobMs) / busyMs) : 1;
  return {
    ...{ utilisation: Math.min(1, busyMs / spanMs), batch, atMs },
    ...{ clockShare: load.clockShare > 0 ? Math.min(1, load.clockShare) : 1 },
    ...{ powerW: load.powerW, precision: load.precision, model: load.model },
    ...{ threads: load.threads, batchMax: load.batchMax },
  };
};
