import type { PlacedInstance } from '../instances/instance-book.ts';
import { isSameVariant, type Variant } from '../profiles/profile-book.ts';

/** How an instance was configured, by whoever started it or by a person later. */
export interface InstanceHome {
  readonly variant: Variant;
  /** Most work in a batch. */
  readonly seats: number;
}

/** Remembers how instances were configured, while they run as they are told. */
export interface InstanceHomes {
  /** `isOurs`: what an instance has loaded is what we told it to. */
  follow(instances: readonly PlacedInstance[], isOurs: (instance: string) => boolean): void;
  of(instance: PlacedInstance): InstanceHome;
}

/** `before`: the home of an instance that runs what an earlier service told it to load. */
export const createInstanceHomes = (
  before: (instance: string, loaded: Variant) => Variant | undefined,
): InstanceHomes => {
  const homes = new Map<string, InstanceHome>();
  return {
    follow: (instances, isOurs) => {
      const living = new Set(instances.map(({ record }) => record.id as string));
      for (const id of homes.keys()) if (!living.has(id)) homes.delete(id);
      for (const instance of instances) {
        const { record, load } = instance;
        if (load === undefined) continue;
        const known = homes.get(record.id);
        const loaded = loadedBy(instance);
        const isTheirs = known === undefined || !isOurs(record.id);
        const variant = isTheirs ? (before(record.id, loaded) ?? loaded) : known.variant;
        const seats = isTheirs && load.batchMax === 0 ? record.capacity : known?.seats;
        homes.set(record.id, { variant, seats: seats ?? record.capacity });
      }
    },
    of: (instance) =>
      homes.get(instance.record.id) ?? {
        ...{ variant: loadedBy(instance), seats: instance.record.capacity },
      },
  };
};

/** What an instance says that it has loaded; who loads nothing is known by its model alone. */
export const loadedBy = ({ record, load }: PlacedInstance): Variant => ({
  model: load?.model || record.model,
  precision: load?.precision ?? '',
  threads: load?.threads || 1,
});

export const isLoaded = (instance: PlacedInstance, variant: Variant): boolean =>
  isSameVariant(loadedBy(instance), variant);
