import { configurationKey } from './configuration.ts';
import type { Profile } from './contract.ts';

/** What is better when it is more, and what is better when it is less (negated). Time to load is paid once, and apart. */
const merits = ({ goodput, quality, fullW, idleW, coreK, memoryK }: Profile): readonly number[] => [
  ...[goodput, quality, -fullW, -idleW, -coreK, -memoryK],
];

/** A profile with what it is compared by, so that this is worked out once. */
interface Weighed {
  readonly profile: Profile;
  readonly merits: readonly number[];
  readonly key: string;
}

const weigh = (profile: Profile): Weighed => ({
  ...{ profile, merits: merits(profile), key: configurationKey(profile.configuration) },
});

/** At least as good in everything and better in something; also between equals the first by key. */
export const dominates = (a: Profile, b: Profile): boolean => isBetter(weigh(a), weigh(b));

const isBetter = (a: Weighed, b: Weighed): boolean => {
  let isMore = false;
  for (let at = 0; at < a.merits.length; at += 1) {
    const [first, second] = [a.merits[at] ?? NaN, b.merits[at] ?? NaN];
    if (!(first >= second)) return false;
    isMore ||= first > second;
  }
  return isMore || a.key < b.key;
};

/**
 * Profiles that no other one beats in all of goodput, quality, power and temperatures, the most powerful first. Sorted so that
 * what beats a profile comes before it, each is held only against those that were kept. A profile with a number that is none
 * is left out.
 */
export const paretoSet = (profiles: readonly Profile[]): readonly Profile[] => {
  const kept: Weighed[] = [];
  const sound = profiles.map(weigh).filter((each) => each.merits.every(Number.isFinite));
  for (const each of sound.toSorted(byMerit)) {
    if (!kept.some((other) => other.key === each.key || isBetter(other, each))) kept.push(each);
  }
  return kept.map(({ profile }) => profile);
};

const byMerit = (a: Weighed, b: Weighed): number => {
  const at = a.merits.findIndex((merit, place) => merit !== b.merits[place]);
  if (at >= 0) return (b.merits[at] ?? 0) - (a.merits[at] ?? 0);
  return a.key < b.key ? -1 : 1;
};
