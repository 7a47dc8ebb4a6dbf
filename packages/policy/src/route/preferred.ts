import type { Random } from '@isotherm/kernel';
import { pendingLoad } from './scorers/pending-tokens.ts';
import type { InstanceView, Preference, RouteRequest } from './contract.ts';

/** What preferences leave of the instances that can do the work: never nothing of something. */
export interface Preferred {
  readonly kept: readonly InstanceView[];
  readonly dropped: readonly { readonly instance: InstanceView; readonly by: string }[];
  /** Names of the preferences that were skipped: they would have dropped all, or left those that have too much to do. */
  readonly waived: readonly string[];
}

/** The draw of a decision; undefined where no preference reads one. */
export const drawFor = (preferences: readonly Preference[], random: Random): number | undefined => {
  for (const { isDrawn } of preferences) if (isDrawn === true) return random();
  return undefined;
};

/** Applies preferences in order. One that would leave nobody is waived, and one by which work would wait too long. */
export const preferred = (
  preferences: readonly Preference[],
  request: RouteRequest,
  instances: readonly InstanceView[],
  draw = 0,
): Preferred => {
  let kept = instances;
  const dropped: Preferred['dropped'][number][] = [];
  const waived: string[] = [];
  for (const preference of preferences) {
    const keeps: InstanceView[] = [];
    const leaves: InstanceView[] = [];
    for (const instance of kept) {
      (preference.keeps(instance, request, draw) ? keeps : leaves).push(instance);
    }
    if (leaves.length === 0) continue;
    const isPatient = request.crowded !== true || preference.patience === Infinity;
    const patience = isPatient ? preference.patience : 0;
    const tooMuch = leastPending(keeps) - leastPending(leaves) > patience * request.tokens;
    if (keeps.length === 0 || tooMuch) {
      waived.push(preference.name);
      continue;
    }
    for (const instance of leaves) dropped.push({ instance, by: preference.name });
    kept = keeps;
  }
  return { kept, dropped, waived };
};

/** What is pending where the least is, for each unit of capacity; without end where there is nobody. */
const leastPending = (instances: readonly InstanceView[]): number =>
  instances.reduce((least, instance) => Math.min(least, pendingLoad(instance)), Infinity);
