import type { PlacedInstance } from '../instances/instance-book.ts';

/** What an instance does, as shares of what it does at most as it runs now. */
export interface WorkNow {
  readonly used: number;
  /** What it does at most as it runs now, as a share of what it does as configured. */
  readonly speed: number;
}

/**
 * What instances are meant to do, also where the way in which they run keeps them from it: as shares of what they do at most as
 * they were configured.
 */
export interface IntendedLoads {
  /** Follows what instances do; `dtS` of plant time after the last time. */
  follow(
    instances: readonly PlacedInstance[],
    dtS: number,
    workOf: (instance: PlacedInstance) => WorkNow,
  ): void;
  /** Work. */
  of(instance: string): number;
  /** Time that the engine works for it, more than `of` where batches are not full. */
  busyOf(instance: string): number;
}

/** An engine this busy may have more to do than it does. */
const saturated = 0.9;
/** How fast a load that fell is believed, in plant seconds. */
const fallTauS = 30;

export const createIntendedLoads = (): IntendedLoads => {
  const loads = new Map<string, number>();
  const busy = new Map<string, number>();
  const follow = (book: Map<string, number>, id: string, { used, speed }: WorkNow, dtS: number) => {
    const done = used * speed;
    const before = book.get(id) ?? done;
    const isHeldBack = used >= saturated && speed < 1;
    if (done >= before) book.set(id, done);
    else if (!isHeldBack) book.set(id, done + (before - done) * Math.exp(-dtS / fallTauS));
  };
  return {
    follow: (instances, dtS, workOf) => {
      const living = new Set(instances.map(({ record }) => record.id as string));
      for (const book of [loads, busy]) {
        for (const id of book.keys()) if (!living.has(id)) book.delete(id);
      }
      for (const instance of instances) {
        const { record, load } = instance;
        if (load === undefined) continue;
        const work = workOf(instance);
        follow(loads, record.id, work, dtS);
        follow(busy, record.id, { ...work, used: load.utilisation }, dtS);
      }
    },
    of: (instance) => loads.get(instance) ?? 0,
    busyOf: (instance) => busy.get(instance) ?? 0,
  };
};
