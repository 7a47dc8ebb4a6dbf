import { type GpuState, planDefaults, type TemperatureState } from '@isotherm/policy';
import type { RatedLevel } from './level-states.ts';
import type { PlacedInstance } from './placed-instance.ts';

/** What a plan is needed for: a limit, giving back, or nothing. */
export type PlanNeed = 'limit' | 'release' | 'none';

/**
 * Whether a plan could change anything: something is where plans act, or somebody has something to be given back. Exact: for `none`
 * packages/policy plans no action. A plan for a hundred instances takes as long as thousands of events.
 */
export const planNeedOf = (
  levels: readonly RatedLevel[],
  gpus: readonly GpuState[],
  placed: readonly PlacedInstance[],
): PlanNeed => {
  const isLevelNear = levels.some(
    ({ predictedW, limitW }) => !(predictedW <= planDefaults.engageShare * limitW),
  );
  if (isLevelNear || gpus.some(({ core, memory }) => isNear(core) || isNear(memory))) {
    return 'limit';
  }
  return placed.some(hasGivenUp) ? 'release' : 'none';
};

const isNear = ({ predictedC, limitC }: TemperatureState): boolean =>
  !(predictedC <= limitC - planDefaults.engageK);

const hasGivenUp = ({ demand: { clockShare }, setting }: PlacedInstance): boolean =>
  clockShare < 1 || setting.stopped || setting.capW !== undefined;
