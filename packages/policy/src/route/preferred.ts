import type { Filter, InstanceView, RouteRequest } from './contract.ts';

/** What preferences leave of the instances that can do the work: never nothing of something. */
export interface Preferred {
  readonly kept: readonly InstanceView[];
  readonly dropped: readonly { readonly instance: InstanceView; readonly by: string }[];
  /** Names of the preferences that were skipped, because they would have dropped all. */
  readonly waived: readonly string[];
}

/** Applies filters that may be skipped, in order: one that would leave nobody is waived. */
export const preferred = (
  preferences: readonly Filter[],
  request: RouteRequest,
  instances: readonly InstanceView[],
): Preferred => {
  let kept = instances;
  const dropped: Preferred['dropped'][number][] = [];
  const waived: string[] = [];
  for (const preference of preferences) {
    const keeps = kept.filter((instance) => preference.keeps(instance, request));
    if (keeps.length === kept.length) continue;
    if (keeps.length === 0) {
      waived.push(preference.name);
      continue;
    }
    const held = new Set(keeps);
    for (const instance of kept) {
      if (!held.has(instance)) dropped.push({ instance, by: preference.name });
    }
    kept = keeps;
  }
  return { kept, dropped, waived };
};
