import {
  applyPose,
  type Draft,
  type DraftInstance,
  type DraftOpaque,
  keyedOf,
  lackWith,
  pose,
  type Posed,
  reloadSOf,
  shiftAt,
} from './draft.ts';
import { type Draw, drawOf } from './draw.ts';

/**
 * Gives back while every limit stays below its release point, to a few instances at a time: opaque ones first, then those
 * that lost the most. What was changed a short while ago waits. Since nothing is given back above the release point, and
 * nothing taken below the point of engagement, a constant input ends in a constant plan.
 */
export const improve = (draft: Draft): void => {
  const { dwellS, releasesMax } = draft.settings;
  let left = releasesMax;
  for (const opaque of draft.opaque) {
    if (left === 0) return;
    if (opaque.instance.capW === undefined || opaque.instance.changedAgoS < dwellS) continue;
    if (freeOpaque(draft, opaque)) left -= 1;
  }
  const waiting = [...draft.adjustable.values()]
    .filter(({ initial, posed }) => posed === initial)
    .filter(({ instance }) => instance.changedAgoS >= dwellS && !isRestored(instance))
    .toSorted((a, b) => hardship(b) - hardship(a));
  for (const drafted of waiting) {
    if (left === 0) return;
    const better = betterFor(draft, drafted);
    if (better === undefined) continue;
    applyPose(draft, drafted, better);
    left -= 1;
  }
};

const isRestored = ({ current, preferred }: DraftInstance['instance']): boolean =>
  current.configuration === preferred && current.capW === undefined && !current.stopped;

const hardship = ({ instance: { current } }: DraftInstance): number =>
  (current.stopped ? 2 : 0) + (current.capW === undefined ? 0 : 1);

/** Whether a constraint has room for a rise. One that is no number has none. */
const hasRoom = (draft: Draft, key: string, rise: number): boolean => {
  const [at, constraint] = [draft.at.get(key), draft.constraints.get(key)];
  if (at === undefined || constraint === undefined || rise <= 0) return true;
  return at + rise <= constraint.release;
};

/** The best setting that the room has place for, of those that are better than what the instance has. */
const betterFor = (draft: Draft, drafted: DraftInstance): Posed | undefined => {
  const { posed, preferred, worthwhile, reach } = drafted;
  const all = new Set([
    ...[...(preferred === undefined ? [] : [preferred]), keyedOf(posed)],
    ...worthwhile,
  ]);
  return [...all]
    .map((keyed) => pose(drafted, keyed, { stopped: false }))
    .filter((to) => isBetter(draft, drafted, to))
    .toSorted((a, b) => byMerit(drafted, a, b))
    .find((to) => {
      const draw = draft.settings.restoresFull ? fullDrawOf(to) : to.draw;
      return reach.every((each) => hasRoom(draft, each.key, shiftAt(each, posed.draw, draw)));
    });
};

/** What a pose draws with as much work as it can do. */
const fullDrawOf = ({ profile, setting }: Posed): Draw => drawOf(profile, setting, profile.goodput);

/** The preferred one, or nothing is worse and something better; a reload for nothing but speed does not pay. */
const isBetter = (draft: Draft, drafted: DraftInstance, to: Posed): boolean => {
  const { posed } = drafted;
  const { draw } = to;
  const [lack, before] = [lackWith(drafted, draw), lackWith(drafted, posed.draw)];
  if (isPreferred(drafted, to)) return true;
  if (lack > before || draw.quality < leastQuality(draft, drafted)) return false;
  if (lack < before || draw.quality > posed.draw.quality) return true;
  return draw.capacity > posed.draw.capacity && reloadSOf(drafted, to) === 0;
};

/** Less quality than before is better than nothing only for who has no work at all. */
const leastQuality = (
  { settings: { qualityLossMax } }: Draft,
  { posed, preferred }: DraftInstance,
): number => {
  const { quality } = preferred?.profile ?? posed.profile;
  return posed.setting.stopped ? quality - qualityLossMax : posed.draw.quality;
};

const isPreferred = ({ preferred }: DraftInstance, { profile }: Posed): boolean =>
  profile === preferred?.profile;

const byMerit = (drafted: DraftInstance, a: Posed, b: Posed): number => {
  const rank = (to: Posed): number => (isPreferred(drafted, to) ? 0 : 1);
  return (
    rank(a) - rank(b) ||
    lackWith(drafted, a.draw) - lackWith(drafted, b.draw) ||
    b.draw.quality - a.draw.quality ||
    b.draw.capacity - a.draw.capacity
  );
};

/** Lifts a cap of an opaque instance where what it would draw has place. */
const freeOpaque = (draft: Draft, opaque: DraftOpaque): boolean => {
  const { instance, reach, powerW } = opaque;
  const rise = Math.max(0, instance.demandW - powerW);
  const rises = reach.map(({ key, part, weight }) => ({
    key,
    rise: rise * weight * perWatt(instance, part),
  }));
  if (!rises.every((each) => hasRoom(draft, each.key, each.rise))) return false;
  for (const { key, rise: by } of rises) {
    const at = draft.at.get(key);
    if (at !== undefined) draft.at.set(key, at + by);
  }
  opaque.powerW = instance.demandW;
  return true;
};

/** Writes into the draft what an opaque instance would draw without its cap, once that has been there for a while. */
export const uncap = (draft: Draft, opaque: DraftOpaque): void => {
  const { instance, reach, powerW } = opaque;
  const riseW = instance.demandW - powerW;
  if (!(riseW > 0) || instance.changedAgoS < draft.settings.opaqueDwellS) return;
  for (const { key, part, weight } of reach) {
    const at = draft.at.get(key);
    if (at !== undefined) draft.at.set(key, at + riseW * weight * perWatt(instance, part));
  }
  opaque.powerW = instance.demandW;
};

/** How much of a constraint's unit a watt of an opaque instance is. */
export const perWatt = (
  { coreKPerW, memoryKPerW }: DraftOpaque['instance'],
  part: 'powerW' | 'coreK' | 'memoryK',
): number => {
  switch (part) {
    case 'powerW':
      return 1;
    case 'coreK':
      return coreKPerW;
    case 'memoryK':
      return memoryKPerW;
    default:
      return part satisfies never;
  }
};
