import { tierBetween } from './change-tier.ts';
import type { Reach } from './constraint.ts';
import {
  type Draft,
  type DraftInstance,
  keyedOf,
  lackWith,
  pose,
  type Posed,
  posesFrom,
  reloadSOf,
  servedWith,
  shiftAt,
} from './draft.ts';
import { type Tier, tierRank } from './tier.ts';

/** A change of one instance that relieves a constraint. */
export interface Change {
  readonly drafted: DraftInstance;
  readonly reach: Reach;
  readonly to: Posed;
  readonly tier: Tier;
  readonly relief: number;
  /** Share of its model's load at its stage that still has capacity, in steps; 1 where nothing is lost. */
  readonly served: number;
  /** What is relieved of what is needed, for what is given up. */
  readonly worth: number;
}

/**
 * Lower tiers first; of what takes load, the stage that is served best: what one stage can do beyond the others is of no use to
 * anybody. Then what is worth more; else as they come.
 */
export const compareChanges = (a: Change, b: Change): number =>
  tierRank(a.tier) - tierRank(b.tier) || b.served - a.served || b.worth - a.worth;

/** Shares of load that differ by less are alike: larger steps are fewer. */
const servedSteps = 20;
const servedStepOf = (drafted: DraftInstance, to: Posed): number =>
  Math.ceil(servedWith(drafted, to.draw) * servedSteps - 1e-9) / servedSteps;

/** The best that an instance can do for a constraint; nothing where it can do nothing that is allowed. */
export const changeAt = (
  draft: Draft,
  drafted: DraftInstance,
  reach: Reach,
  need: number,
  allowed: ReadonlySet<Tier>,
): Change | undefined => {
  let best: Change | undefined;
  const { posed } = drafted;
  const caps = allowed.has('cap') ? capsFor(draft, drafted, reach, need) : [];
  for (const to of [...posesFrom(drafted, posed), ...caps]) {
    const relief = -shiftAt(reach, posed.draw, to.draw);
    if (!(relief > tiny) || !isAllowed(draft, drafted, to)) continue;
    const tier = tierBetween(drafted, posed, to);
    if (!allowed.has(tier)) continue;
    const worth = Math.min(relief, need) / costOf(draft, drafted, to);
    const served = tierRank(tier) < firstLossRank ? 1 : servedStepOf(drafted, to);
    const change = { drafted, reach, to, tier, relief, served, worth };
    if (best === undefined || compareChanges(change, best) < 0) best = change;
  }
  return best;
};

/** From here on a change takes load that nobody else has capacity for. */
const firstLossRank = tierRank('shed');

/** Less than this is rounding: of a watt, of a kelvin. */
const tiny = 1e-6;

/** The cap that gives what is needed, down to the lowest that is allowed. */
const capsFor = (
  { settings: { capShareMin, capStepW } }: Draft,
  drafted: DraftInstance,
  { part, weight }: Reach,
  need: number,
): readonly Posed[] => {
  const { posed } = drafted;
  const { idleW, fullW } = posed.profile;
  const perW = weight * (part === 'powerW' ? 1 : posed.profile[part] / fullW);
  const enoughW = Math.floor((posed.draw.powerW - need / perW) / capStepW) * capStepW;
  const capW = Math.max(idleW + capShareMin * (fullW - idleW), enoughW);
  if (!(capW < posed.draw.powerW)) return [];
  return [pose(drafted, keyedOf(posed), { capW, stopped: posed.setting.stopped })];
};

/** No more power, no other limit met, no more quality or load given up than may be, and in time. */
const isAllowed = (draft: Draft, drafted: DraftInstance, to: Posed): boolean => {
  const { posed, preferred, reach, pool } = drafted;
  const { qualityLossMax, shedShareMax } = draft.settings;
  if (!(to.draw.powerW <= posed.draw.powerW)) return false;
  if (reloadSOf(drafted, to) > draft.deadlineS) return false;
  const qualityMin = (preferred?.profile.quality ?? posed.draw.quality) - qualityLossMax;
  if (to.draw.quality < Math.min(qualityMin, posed.draw.quality)) return false;
  const [lack, before] = [lackWith(drafted, to.draw), lackWith(drafted, posed.draw)];
  // Rounding must not keep the last instance of a stage at work that others would be capped for.
  if (lack > before && lack > shedShareMax * pool.load * (1 + tiny)) return false;
  return reach.every((each) => {
    const shift = shiftAt(each, posed.draw, to.draw);
    if (shift <= 0) return true;
    const target = draft.constraints.get(each.key)?.target ?? Infinity;
    return (draft.at.get(each.key) ?? 0) + shift <= target;
  });
};

/** Capacity that is given up, as a share, and time to load. */
const costOf = ({ settings }: Draft, drafted: DraftInstance, to: Posed): number => {
  const had = Math.max(tiny, drafted.posed.draw.capacity);
  const lost = Math.max(0, 1 - to.draw.capacity / had);
  return costOfAnyChange + lost + reloadSOf(drafted, to) / Math.max(1, settings.reloadWeightS);
};

/** A change for nothing is still a change: fewer and larger ones are better than many small ones. */
const costOfAnyChange = 0.02;
