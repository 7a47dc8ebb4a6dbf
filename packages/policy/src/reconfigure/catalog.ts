import { configurationKey, loadedKey } from './configuration.ts';
import type { Configuration, Profile } from './contract.ts';
import { paretoSet } from './pareto-set.ts';

/** A profile with its key, so that the key is written once. */
export interface Keyed {
  readonly key: string;
  readonly profile: Profile;
}

/** The profiles of instances, looked through once for all that share them. */
export interface Catalog {
  readonly byKey: ReadonlyMap<string, Keyed>;
  /** What is worth going to from a configuration: the best of all, and the best of what needs no reload. */
  worthwhileFrom(current: Configuration): readonly Keyed[];
}

/** Profiles outlive plans: what is worth going to is worked out once for each list of them. */
const catalogs = new WeakMap<readonly Profile[], Catalog>();

export const catalogOf = (profiles: readonly Profile[]): Catalog => {
  const known = catalogs.get(profiles) ?? createCatalog(profiles);
  catalogs.set(profiles, known);
  return known;
};

export const createCatalog = (profiles: readonly Profile[]): Catalog => {
  const keyed = profiles.map((profile) => ({
    key: configurationKey(profile.configuration),
    profile,
  }));
  const byKey = new Map(keyed.map((each) => [each.key, each]));
  const bestOf = (some: readonly Profile[]): readonly Keyed[] =>
    paretoSet(some).flatMap(
      ({ configuration }) => byKey.get(configurationKey(configuration)) ?? [],
    );
  const best = bestOf(profiles);
  const found = new Map<string, readonly Keyed[]>();
  return {
    byKey,
    worthwhileFrom: (current) => {
      const loaded = loadedKey(current);
      const known = found.get(loaded);
      if (known !== undefined) return known;
      const near = profiles.filter(({ configuration }) => loadedKey(configuration) === loaded);
      const worthwhile = [...new Set([...bestOf(near), ...best])];
      found.set(loaded, worthwhile);
      return worthwhile;
    },
  };
};
