import type { Levers } from '../headroom/levers.ts';
import type { Plan, PlanRoom, PlanSettings } from '../reconfigure/contract.ts';
import { makePlan } from '../reconfigure/make-plan.ts';
import { planDefaults } from '../reconfigure/plan-reconfiguration.ts';
import { type Tier, tiers } from '../reconfigure/tier.ts';
import { capOpaque } from './cap-opaque.ts';

/** More quality may go than in normal operation, and load, before anything opaque is touched. */
export const emergencyDefaults: PlanSettings = {
  ...planDefaults,
  ...{ engageShare: 0.985, targetShare: 0.97, releaseShare: 0.96, dwellS: 20, restoresFull: true },
  ...{ qualityLossMax: 0.15, shedShareMax: 1 },
};

/**
 * Brings a room below limits that have dropped: all that adjustable instances can give, the cheapest first, in the end by caps
 * and by sending them no more work; then, only where a limit itself would still be passed, the least of opaque ones. Without
 * the `reconfigure` lever nothing is planned; without the `route` lever nobody's work is stopped.
 */
export const planEmergency = (
  room: PlanRoom,
  levers: Pick<Levers, 'reconfigure' | 'route'> = { reconfigure: true, route: true },
  settings: PlanSettings = emergencyDefaults,
): Plan =>
  makePlan(room, levers.reconfigure ? settings : { ...settings, releasesMax: 0 }, {
    ...{ tiers: allowed(levers), freesOpaque: levers.reconfigure, lastReason: 'last resort' },
    lastResort: levers.reconfigure ? capOpaque : () => undefined,
  });

const allowed = ({
  reconfigure,
  route,
}: Pick<Levers, 'reconfigure' | 'route'>): ReadonlySet<Tier> => {
  if (!reconfigure) return new Set();
  return new Set(tiers.filter((tier) => route || tier !== 'stop'));
};
