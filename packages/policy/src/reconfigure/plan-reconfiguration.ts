import type { Levers } from '../headroom/levers.ts';
import type { Plan, PlanRoom, PlanSettings } from './contract.ts';
import { makePlan } from './make-plan.ts';
import type { Tier } from './tier.ts';

export const planDefaults: PlanSettings = {
  ...{ engageShare: 0.97, targetShare: 0.94, releaseShare: 0.88 },
  ...{ engageK: 3, targetK: 5, releaseK: 9 },
  ...{ qualityLossMax: 0.05, shedShareMax: 0, reloadWeightS: 600 },
  ...{
    dwellS: 60,
    opaqueDwellS: 10,
    restoresFull: false,
    releasesMax: 8,
    stepsMax: 10_000,
    capShareMin: 0.3,
    capStepW: 10,
  },
};

/** Configurations only; load is given up where `shedShareMax` lets it. */
const configurationTiers: ReadonlySet<Tier> = new Set<Tier>([
  ...(['cheap', 'reload', 'move', 'quality', 'shed'] as const),
]);

/**
 * Keeps a room below its limits by configurations alone: clocks and batches first, then precision and model, then work that
 * other instances take, quality last. Gives back, in small steps, what there is room for again. With the lever off nothing is
 * changed. What is unsolved is for routing, for an autoscaler (`needsReplicas`), or for `planEmergency`.
 */
export const planReconfiguration = (
  room: PlanRoom,
  levers: Pick<Levers, 'reconfigure'> = { reconfigure: true },
  settings: PlanSettings = planDefaults,
): Plan =>
  makePlan(room, levers.reconfigure ? settings : { ...settings, releasesMax: 0 }, {
    tiers: levers.reconfigure ? configurationTiers : new Set<Tier>(),
    ...{ freesOpaque: false, lastReason: '', lastResort: () => undefined },
  });
