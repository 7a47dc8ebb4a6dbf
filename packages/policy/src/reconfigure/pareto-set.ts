import { configurationKey } from './configuration.ts';
import type { Profile } from './contract.ts';

/** What is better when it is more, and what is better when it is less (negated). Time to load is paid once, and apart. */
const merits = ({ goodput, quality, fullW, idleW, coreK, memoryK }: Profile): readonly number[] => [
  ...[goodput, quality, -fullW, -idleW, -coreK, -memoryK],
];

/** At least as good in everything and better in something; also between equals the first by key. */
export const dominates = (a: Profile, b: Profile): boolean => {
  const [first, second] = [merits(a), merits(b)];
  if (first.some((merit, at) => !(merit >= (second[at] ?? NaN)))) return false;
  if (first.some((merit, at) => merit > (second[at] ?? NaN))) return true;
  return configurationKey(a.configuration) < configurationKey(b.configuration);
};

/**
 * Profiles that no other one beats in all of goodput, quality, power and temperatures, the most powerful first. Sorted so that
 * what beats a profile comes before it, each is held only against those that were kept. A profile with a number that is none
 * is left out.
 */
export const paretoSet = (profiles: readonly Profile[]): readonly Profile[] => {
  const kept: Profile[] = [];
  const sound = profiles.filter((profile) => merits(profile).every(Number.isFinite));
  for (const profile of sound.toSorted(byMerit)) {
    if (!kept.some((other) => dominates(other, profile) || isSame(other, profile))) {
      kept.push(profile);
    }
  }
  return kept;
};

const isSame = (a: Profile, b: Profile): boolean =>
  configurationKey(a.configuration) === configurationKey(b.configuration);

const byMerit = (a: Profile, b: Profile): number => {
  const [first, second] = [merits(a), merits(b)];
  const at = first.findIndex((merit, place) => merit !== second[place]);
  if (at >= 0) return (second[at] ?? 0) - (first[at] ?? 0);
  return configurationKey(a.configuration) < configurationKey(b.configuration) ? -1 : 1;
};
