import { invariant } from '@isotherm/kernel';
import type { Role } from '@isotherm/simulator';
import type { Counts } from './run-fleet.ts';

/** What a fleet of fixed size came to. */
export interface StaticRun {
  readonly counts: Counts;
  readonly attainment: number;
}

export interface BestStatic {
  readonly best: StaticRun;
  readonly tried: readonly StaticRun[];
}

/** More than so many instances beyond what each stage needs by itself are not tried. */
const beyondMax = 12;

/**
 * The smallest fleet that reaches an attainment. First the fewest instances of each stage while there are more than enough of the
 * others: fewer never do. Then, from there on, all fleets of each size one after the other until one does. That is the smallest as long as
 * an instance more never does harm.
 */
export const bestStatic = (
  ample: Counts,
  attainmentMin: number,
  attainmentOf: (counts: Counts) => number,
): BestStatic => {
  const tried = new Map<string, StaticRun>();
  const run = (counts: Counts): StaticRun => {
    const key = JSON.stringify(Object.entries(counts));
    const known = tried.get(key) ?? { counts, attainment: attainmentOf(counts) };
    tried.set(key, known);
    return known;
  };
  const isEnough = (counts: Counts): boolean => run(counts).attainment >= attainmentMin;
  invariant(isEnough(ample), 'what the search begins with is enough');
  const roles = Object.keys(ample) as readonly Role[];
  const least = Object.fromEntries(roles.map((role) => [role, fewest(role, ample, isEnough)]));
  for (let beyond = 0; beyond <= beyondMax; beyond += 1) {
    const sized = spread(roles, beyond).map((more) =>
      run(
        Object.fromEntries(roles.map((role, at) => [role, (least[role] ?? 1) + (more[at] ?? 0)])),
      ),
    );
    const [best] = sized
      .filter(({ attainment }) => attainment >= attainmentMin)
      .toSorted((a, b) => b.attainment - a.attainment);
    if (best !== undefined) return { best, tried: [...tried.values()] };
  }
  return { best: run(ample), tried: [...tried.values()] };
};

/** Fewest instances of a stage, by halving, with what is ample of the others. */
const fewest = (role: Role, ample: Counts, isEnough: (counts: Counts) => boolean): number => {
  let [low, high] = [1, ample[role] ?? 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isEnough({ ...ample, [role]: middle })) high = middle;
    else low = middle + 1;
  }
  return high;
};

/** All ways to spread so many over the stages. */
const spread = (roles: readonly Role[], count: number): readonly (readonly number[])[] =>
  roles.length <= 1
    ? [[count]]
    : Array.from({ length: count + 1 }, (_, first) =>
        spread(roles.slice(1), count - first).map((rest) => [first, ...rest]),
      ).flat();
