import { changeAt, type Change, compareChanges } from './change.ts';
import type { Constraint, Reach } from './constraint.ts';
import type { InstanceSetting, PlanStep } from './contract.ts';
import { applyPose, type Draft, type DraftInstance } from './draft.ts';
import type { Tier } from './tier.ts';

/** Constraints that are past the point where a plan acts. */
export const engagedOf = (draft: Draft): ReadonlySet<string> =>
  new Set(
    [...draft.constraints]
      .filter(([key, { engage }]) => (draft.at.get(key) ?? NaN) > engage)
      .map(([key]) => key),
  );

/**
 * Brings down what is engaged: always the worst one, by changes of the lowest tier that are worth the most, until it is at its
 * target or nobody has anything left to give. No change adds power, or pushes another constraint past its target.
 */
export const cut = (
  draft: Draft,
  engaged: ReadonlySet<string>,
  allowed: ReadonlySet<Tier>,
): readonly PlanStep[] => {
  const members = membersOf(draft, engaged);
  const givenUp = new Set<string>();
  const steps: PlanStep[] = [];
  while (steps.length < draft.settings.stepsMax) {
    const worst = worstOf(draft, engaged, givenUp);
    if (worst === undefined) break;
    const made = relieve(draft, worst, members.get(worst.key) ?? [], allowed);
    if (made.length === 0) givenUp.add(worst.key);
    steps.push(...made);
  }
  return steps;
};

interface Member {
  readonly drafted: DraftInstance;
  readonly reach: Reach;
}

/**
 * One round at one constraint: the best change of each member, of the lowest tier that any has, those first that are worth the
 * most, as long as they take no more than is needed. Where already the best one takes more, that one alone.
 */
const relieve = (
  draft: Draft,
  { key, target }: Constraint,
  members: readonly Member[],
  allowed: ReadonlySet<Tier>,
): readonly PlanStep[] => {
  const needAtFirst = needOf(draft, key, target);
  const best = members
    .flatMap(({ drafted, reach }) => changeAt(draft, drafted, reach, needAtFirst, allowed) ?? [])
    .toSorted(compareChanges);
  const steps: PlanStep[] = [];
  const [first] = best;
  for (const { drafted, reach, tier } of best) {
    const need = needOf(draft, key, target);
    if (need <= tiny || first === undefined || tier !== first.tier) break;
    // What others have given since may have left less to give, or less to take.
    const change = changeAt(draft, drafted, reach, need, allowed);
    if (change?.tier !== tier) continue;
    // Another stage is served better by now.
    if (change.served < first.served) break;
    if (steps.length > 0 && change.relief > need) break;
    applyPose(draft, drafted, change.to);
    steps.push(stepOf(key, need, change));
  }
  return steps;
};

const needOf = ({ at }: Draft, key: string, target: number): number =>
  (at.get(key) ?? target) - target;

/** Less than this is rounding: of a watt, of a kelvin. */
const tiny = 1e-6;

const stepOf = (constraint: string, need: number, change: Change): PlanStep => ({
  ...{ constraint, need, tier: change.tier, relief: change.relief },
  instance: change.drafted.instance.id,
  to: settingText(change.to.setting),
});

const settingText = ({ configuration, capW, stopped }: InstanceSetting): string =>
  `${configuration}${capW === undefined ? '' : ` cap ${capW} W`}${stopped ? ' stopped' : ''}`;

const membersOf = (
  { adjustable }: Draft,
  engaged: ReadonlySet<string>,
): ReadonlyMap<string, readonly Member[]> => {
  const members = new Map<string, Member[]>([...engaged].map((key) => [key, []]));
  for (const drafted of adjustable.values()) {
    for (const reach of drafted.reach) members.get(reach.key)?.push({ drafted, reach });
  }
  return members;
};

/** The one that is furthest past its target, in shares of its limit; the first by key among equals. */
const worstOf = (
  { constraints, at }: Draft,
  engaged: ReadonlySet<string>,
  givenUp: ReadonlySet<string>,
): Constraint | undefined => {
  let worst: Constraint | undefined;
  let most = 0;
  for (const key of engaged) {
    const constraint = constraints.get(key);
    if (constraint === undefined || givenUp.has(key)) continue;
    const over = (at.get(key) ?? NaN) - constraint.target;
    const share = over / Math.max(1, Math.abs(constraint.limit));
    if (share > most && over > tiny) [worst, most] = [constraint, share];
  }
  return worst;
};
