import type { PlanRoom, PlanSettings } from './contract.ts';
import { createDraft, type Draft, type DraftInstance } from './draft.ts';
import { exampleAdjustable, exampleKeys, examplePlanRoom } from './example-plan.ts';
import { planDefaults } from './plan-reconfiguration.ts';

/** A draft of two instances at 250 W each, `a` and `b`, in a row at 900 of 925 W. */
export const exampleDraft = (
  instances: PlanRoom['instances'] = ['a', 'b'].map((id) => exampleAdjustable(id, `s-${id}`)),
  settings: Partial<PlanSettings> = {},
): Draft =>
  createDraft(examplePlanRoom(instances, { 'row:r': { limitW: 925 } }), {
    ...planDefaults,
    ...settings,
  });

/** An instance of a draft, which must be there. */
export const drafted = (draft: Draft, id = 'a'): DraftInstance => {
  const found = draft.adjustable.get(id);
  if (found === undefined) throw new Error(`no instance ${id} in the draft`);
  return found;
};

/** Settings with configurations of `exampleKeys`. */
export const exampleSetting = (at: number, capW?: number, stopped = false) => ({
  configuration: exampleKeys[at] ?? '',
  ...(capW !== undefined && { capW }),
  stopped,
});
