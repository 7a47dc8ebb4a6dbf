import type { PlacedInstance } from '../instances/instance-book.ts';
import { isSameVariant, type Variant } from '../profiles/profile-book.ts';
import type { CommandKeeper } from './command-keeper.ts';
import { createInstanceHomes, type InstanceHomes, isLoaded, loadedBy } from './instance-homes.ts';

/** An instance that runs in another way than it was told to, or told by an earlier service. */
export interface Strayed {
  readonly instance: PlacedInstance;
  readonly runs: Variant;
}

/** What instances have loaded, and what they were told to. */
export interface LoadedVariants {
  readonly homes: InstanceHomes;
  /** Tells an instance what to have loaded; whether it has to be said. */
  tell(instance: PlacedInstance, variant: Variant): boolean;
  /** Whether it did not load this though it was told to, a while ago. */
  isRefused(instance: string, variant: Variant): boolean;
  /** Looks at what has been loaded: those of which something else has to be believed. `isFresh`: may still follow. */
  follow(
    instances: readonly PlacedInstance[],
    plantS: number,
    isFresh: (instance: string) => boolean,
  ): readonly Strayed[];
}

/** What was refused is asked for again after so many plant seconds. */
const refusedS = 600;

export const createLoadedVariants = (
  commands: Pick<CommandKeeper, 'noteLoad' | 'homeOf'>,
): LoadedVariants => {
  const homes = createInstanceHomes((id, loaded) => commands.homeOf(id, loaded));
  const told = new Map<string, Variant>();
  const known = new Set<string>();
  const refused = new Map<string, { readonly variant: Variant; readonly untilS: number }>();
  return {
    homes,
    tell: (instance, variant) => {
      const { id } = instance.record;
      if (isLoaded(instance, variant) && !told.has(id)) return false;
      const home = homes.of(instance).variant;
      told.set(id, variant);
      if (!isSameVariant(variant, home)) commands.noteLoad(id, variant, home);
      return true;
    },
    isRefused: (id, variant) => {
      const found = refused.get(id);
      return found !== undefined && isSameVariant(found.variant, variant);
    },
    follow: (instances, plantS, isFresh) => {
      const living = new Set(instances.map(({ record }) => record.id as string));
      for (const book of [told, refused]) {
        for (const id of book.keys()) if (!living.has(id)) book.delete(id);
      }
      for (const id of known) if (!living.has(id)) known.delete(id);
      for (const [id, { untilS }] of refused) if (untilS <= plantS) refused.delete(id);
      const strayed: Strayed[] = [];
      for (const instance of instances) {
        const { id } = instance.record;
        const wanted = told.get(id);
        if (instance.load === undefined || wanted === undefined || isFresh(id)) continue;
        if (isLoaded(instance, wanted)) continue;
        told.delete(id);
        refused.set(id, { variant: wanted, untilS: plantS + refusedS });
        strayed.push({ instance, runs: loadedBy(instance) });
      }
      homes.follow(instances, (id) => told.has(id));
      for (const instance of instances) {
        const { id } = instance.record;
        if (instance.load === undefined || known.has(id)) continue;
        known.add(id);
        const runs = loadedBy(instance);
        if (isSameVariant(runs, homes.of(instance).variant)) continue;
        told.set(id, runs);
        strayed.push({ instance, runs });
      }
      return strayed;
    },
  };
};
