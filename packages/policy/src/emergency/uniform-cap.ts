import type { Constraint } from '../reconfigure/constraint.ts';
import type { Plan, PlanRoom, PlanSettings } from '../reconfigure/contract.ts';
import { applyPose, type Draft, type DraftInstance, keyedOf, pose } from '../reconfigure/draft.ts';
import { perWatt } from '../reconfigure/improve.ts';
import { makePlan } from '../reconfigure/make-plan.ts';
import { lowerOpaque } from './cap-opaque.ts';
import { emergencyDefaults } from './plan-emergency.ts';

/**
 * The baseline that an emergency is compared with: everyone below a limit, whoever it is, is capped by the same share of what
 * they draw. It knows of no configurations and no tenants, and gives nothing back.
 */
export const planUniformCap = (room: PlanRoom, settings: PlanSettings = emergencyDefaults): Plan =>
  makePlan(
    room,
    { ...settings, releasesMax: 0 },
    {
      ...{ tiers: new Set(), freesOpaque: false, lastReason: 'uniform', lastResort: capAll },
    },
  );

const capAll = (draft: Draft, engaged: ReadonlySet<string>): void => {
  for (const key of engaged) {
    const constraint = draft.constraints.get(key);
    if (constraint !== undefined) capAt(draft, constraint);
  }
};

/** One who draws from a constraint: what a watt of theirs is there, and how to take some. */
interface Giver {
  readonly perW: number;
  readonly powerW: number;
  lower(byW: number): void;
}

const capAt = (draft: Draft, { key, target }: Constraint): void => {
  const need = (draft.at.get(key) ?? target) - target;
  if (!(need > 0)) return;
  const givers = [
    ...[...draft.adjustable.values()].map((drafted) => adjustableGiver(draft, drafted, key)),
    ...draft.opaque.map((opaque): Giver => {
      const perW = opaque.reach
        .filter((reach) => reach.key === key)
        .reduce((sum, { part, weight }) => sum + weight * perWatt(opaque.instance, part), 0);
      const { capMinW } = opaque.instance;
      const lower = (byW: number) => {
        lowerOpaque(draft, opaque, Math.max(0, Math.min(byW, opaque.powerW - capMinW)));
      };
      return { perW, powerW: opaque.powerW, lower };
    }),
  ].filter(({ perW, powerW }) => perW * powerW > 0);
  const all = givers.reduce((sum, { perW, powerW }) => sum + perW * powerW, 0);
  const share = Math.min(1, need / all);
  for (const { powerW, lower } of givers) lower(powerW * share);
};

const adjustableGiver = (draft: Draft, drafted: DraftInstance, key: string): Giver => {
  const { posed, reach } = drafted;
  const { profile } = posed;
  const perW = reach
    .filter((each) => each.key === key)
    .reduce((sum, { part, weight }) => {
      const each = part === 'powerW' ? 1 : profile[part] / profile.fullW;
      return sum + weight * each;
    }, 0);
  const { powerW } = posed.draw;
  const lower = (byW: number) => {
    const capW = Math.max(0, powerW - byW);
    applyPose(draft, drafted, pose(drafted, keyedOf(posed), { ...posed.setting, capW }));
  };
  return { perW, powerW, lower };
};
