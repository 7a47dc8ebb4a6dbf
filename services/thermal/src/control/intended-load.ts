import type { PlacedInstance } from '../instances/instance-book.ts';

/** What instances are meant to do, also where a lower clock keeps them from it: in seconds of full clock a second. */
export interface IntendedLoads {
  /** Follows what instances do; `dtS` of plant time after the last time. */
  follow(instances: readonly PlacedInstance[], dtS: number): void;
  of(instance: string): number;
}

/** An engine this busy may have more to do than it does. */
const saturated = 0.9;
/** How fast a load that fell is believed, in plant seconds. */
const fallTauS = 30;

export const createIntendedLoads = (): IntendedLoads => {
  const loads = new Map<string, number>();
  return {
    follow: (instances, dtS) => {
      const living = new Set(instances.map(({ record }) => record.id as string));
      for (const id of loads.keys()) if (!living.has(id)) loads.delete(id);
      for (const { record, load } of instances) {
        if (load === undefined) continue;
        const done = load.utilisation * load.clockShare;
        const before = loads.get(record.id) ?? done;
        const isHeldBack = load.utilisation >= saturated && load.clockShare < 1;
        if (done >= before) loads.set(record.id, done);
        else if (!isHeldBack) {
          loads.set(record.id, done + (before - done) * Math.exp(-dtS / fallTauS));
        }
      }
    },
    of: (instance) => loads.get(instance) ?? 0,
  };
};
