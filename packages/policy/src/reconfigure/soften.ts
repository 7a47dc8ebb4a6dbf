import { tierBetween } from './change-tier.ts';
import {
  applyPose,
  type Draft,
  type DraftInstance,
  lackWith,
  type Posed,
  posesFrom,
  shiftAt,
} from './draft.ts';
import { tierRank } from './tier.ts';

/**
 * Takes back what turned out not to be needed: what came later may have covered what came first. Each changed instance, those
 * that gave up the most first, gets the mildest setting that keeps every target that the draft keeps.
 */
export const soften = (draft: Draft, engaged: ReadonlySet<string>): void => {
  for (let pass = 0; pass < passesMax; pass += 1) if (!softenOnce(draft, engaged)) return;
};

/** What is taken back once may let more be taken back: hardly ever, and never for long. */
const passesMax = 4;

const softenOnce = (draft: Draft, engaged: ReadonlySet<string>): boolean => {
  const changed = [...draft.adjustable.values()]
    .filter(({ initial, posed }) => posed !== initial)
    .map((drafted) => ({
      drafted,
      rank: tierRank(tierBetween(drafted, drafted.initial, drafted.posed)),
    }))
    .toSorted((a, b) => b.rank - a.rank);
  let softened = false;
  for (const { drafted, rank } of changed) {
    const milder = milderThan(drafted, rank).find((to) => holds(draft, drafted, to, engaged));
    if (milder === undefined) continue;
    applyPose(draft, drafted, milder);
    softened = true;
  }
  return softened;
};

/** Settings that draw more than the draft's and give up no more; the one that the instance has first. */
const milderThan = (drafted: DraftInstance, rankMax: number): readonly Posed[] => {
  const { initial, posed } = drafted;
  const others = posesFrom(drafted, initial)
    .map((to) => ({ to, rank: tierRank(tierBetween(drafted, initial, to)) }))
    .filter(
      ({ to, rank }) =>
        rank <= rankMax &&
        to.draw.powerW > posed.draw.powerW &&
        to.draw.powerW < initial.draw.powerW &&
        to.draw.quality >= posed.draw.quality,
    )
    .toSorted((a, b) => a.rank - b.rank || b.to.draw.capacity - a.to.draw.capacity);
  return [initial, ...others.map(({ to }) => to)];
};

const holds = (
  draft: Draft,
  drafted: DraftInstance,
  to: Posed,
  engaged: ReadonlySet<string>,
): boolean => {
  const { posed, reach } = drafted;
  if (lackWith(drafted, to.draw) > lackWith(drafted, posed.draw)) return false;
  return reach.every((each) => {
    const constraint = draft.constraints.get(each.key);
    const at = draft.at.get(each.key);
    const shift = shiftAt(each, posed.draw, to.draw);
    if (constraint === undefined || at === undefined || !(shift > 0)) return true;
    const most = engaged.has(each.key)
      ? constraint.target
      : Math.max(constraint.at, constraint.target);
    return at + shift <= most;
  });
};
