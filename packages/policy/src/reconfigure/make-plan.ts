import { actionsOf } from './actions.ts';
import type {
  Plan,
  PlanAction,
  PlanRoom,
  PlanSettings,
  ReplicaNeed,
  Unsolved,
} from './contract.ts';
import { cut, engagedOf } from './cut.ts';
import { tierBetween } from './change-tier.ts';
import { createDraft, type Draft, lackWith } from './draft.ts';
import { perWatt, improve, uncap } from './improve.ts';
import { lossesOf } from './losses.ts';
import { soften } from './soften.ts';
import { type Tier, tierRank } from './tier.ts';

export interface PlanRules {
  readonly tiers: ReadonlySet<Tier>;
  /** Caps of opaque instances are looked at anew: what is needed of them is taken again, after all that others can give. */
  readonly freesOpaque: boolean;
  /** Why the last resort does what it does, for the reasons of actions. */
  readonly lastReason: string;
  /** What is done once adjustable instances have given all that they may: nothing, or opaque ones are capped. */
  lastResort(draft: Draft, engaged: ReadonlySet<string>): void;
}

/**
 * One plan: take where limits are near, take back what was not needed, then the last resort, then give back where there is room.
 */
export const makePlan = (room: PlanRoom, settings: PlanSettings, rules: PlanRules): Plan => {
  const draft = createDraft(room, settings);
  if (rules.freesOpaque) for (const opaque of draft.opaque) uncap(draft, opaque);
  const engaged = engagedOf(draft);
  const steps = cut(draft, engaged, rules.tiers);
  soften(draft, engaged);
  rules.lastResort(draft, engaged);
  const taken = new Set(
    [...draft.adjustable.values()].filter(isChanged).map(({ instance }) => instance.id),
  );
  improve(draft);
  const reasons = new Map(steps.map(({ instance, constraint }) => [instance, constraint]));
  const adjusted = [...draft.adjustable.values()].filter(isChanged).map((drafted) => {
    const tier = tierBetween(drafted, drafted.initial, drafted.posed);
    const isTaken = taken.has(drafted.instance.id);
    const reason = isTaken
      ? `${reasons.get(drafted.instance.id) ?? rules.lastReason} ${tier}`
      : 'recovery';
    const rank = isTaken ? tierRank(tier) : Infinity;
    return { rank, actions: actionsOf(drafted, reason) };
  });
  const ordered = adjusted.toSorted((a, b) => a.rank - b.rank);
  return {
    actions: [
      ...ordered.flatMap(({ actions }) => actions),
      ...opaqueActions(draft, rules.lastReason),
    ],
    unsolved: unsolvedOf(draft, engaged),
    needsReplicas: needsOf(draft),
    losses: lossesOf(draft),
    trace: { steps, unknown: draft.unknown },
  };
};

/** A cap of an opaque instance that moves by less stays as it is. */
const capNoiseW = 1;

const isChanged = ({ initial, posed }: { initial: unknown; posed: unknown }): boolean =>
  initial !== posed;

const opaqueActions = ({ opaque }: Draft, reason: string): readonly PlanAction[] =>
  opaque.flatMap(({ instance, powerW }): readonly PlanAction[] => {
    const beforeW = Math.min(instance.demandW, instance.capW ?? Infinity);
    if (powerW === beforeW) return [];
    const shiftW = powerW - beforeW;
    if (Math.abs(shiftW) < capNoiseW) return [];
    const effect = {
      powerW: shiftW,
      coreK: shiftW * perWatt(instance, 'coreK'),
      memoryK: shiftW * perWatt(instance, 'memoryK'),
      ...{ capacityLoss: 0, qualityLoss: 0 },
    };
    const base = { instance: instance.id, effect, costS: 0 };
    if (powerW >= instance.demandW) {
      return [{ ...base, kind: 'release', of: 'cap', reason: 'recovery' }];
    }
    return [{ ...base, kind: 'cap', capW: powerW, reason: shiftW < 0 ? reason : 'recovery' }];
  });

const tiny = 1e-6;

const unsolvedOf = (draft: Draft, engaged: ReadonlySet<string>): readonly Unsolved[] =>
  [...engaged].flatMap((key) => {
    const [constraint, at] = [draft.constraints.get(key), draft.at.get(key)];
    if (constraint === undefined || at === undefined) return [];
    const over = at - constraint.target;
    if (!(over > tiny)) return [];
    const pastLimit = at > constraint.limit + tiny;
    return [{ constraint: key, unit: constraint.unit, over, pastLimit }];
  });

const needsOf = (draft: Draft): readonly ReplicaNeed[] => {
  const needs = new Map<string, ReplicaNeed>();
  for (const drafted of draft.adjustable.values()) {
    const { stage, model } = drafted.instance;
    const lackLoad = lackWith(drafted, drafted.posed.draw);
    if (lackLoad <= 0) continue;
    const each = drafted.preferred?.profile.goodput ?? drafted.initial.draw.capacity;
    const replicas = each > 0 ? Math.ceil(lackLoad / each) : 1;
    const name = `${stage} ${model}`;
    if (!needs.has(name)) needs.set(name, { stage, model, lackLoad, replicas });
  }
  return [...needs.values()];
};
