import type { ActionEffect, InstanceSetting, PlanAction } from './contract.ts';
import { type DraftInstance, keyedOf, pose, type Posed, reloadSOf } from './draft.ts';

/**
 * The steps from the setting that an instance has to the one of the draft: first what gives back, then the configuration, then
 * what takes. Each carries what it changes by itself, so that effects add up.
 */
export const actionsOf = (drafted: DraftInstance, reason: string): readonly PlanAction[] => {
  const { initial, posed, instance } = drafted;
  if (posed === initial) return [];
  const [from, to] = [initial.setting, posed.setting];
  const actions: PlanAction[] = [];
  let at = initial;
  const step = (next: Posed): ActionEffect => {
    const effect = effectBetween(at, next);
    at = next;
    return effect;
  };
  const as = (setting: Pick<InstanceSetting, 'capW' | 'stopped'>): Posed =>
    pose(drafted, keyedOf(at), setting);
  const base = { instance: instance.id, reason, costS: 0 };
  if (from.stopped && !to.stopped) {
    const effect = step(as({ ...at.setting, stopped: false }));
    actions.push({ ...base, kind: 'release', of: 'stop', effect });
  }
  if (from.capW !== undefined && to.capW === undefined) {
    const effect = step(as({ stopped: at.setting.stopped }));
    actions.push({ ...base, kind: 'release', of: 'cap', effect });
  }
  if (from.configuration !== to.configuration) {
    const effect = step(pose(drafted, keyedOf(posed), at.setting));
    const costS = reloadSOf(drafted, posed);
    const keys = { from: from.configuration, to: to.configuration };
    actions.push({ ...base, kind: 'reconfigure', ...keys, effect, costS });
  }
  if (to.capW !== undefined && to.capW !== from.capW) {
    const effect = step(as({ ...at.setting, capW: to.capW }));
    actions.push({ ...base, kind: 'cap', capW: to.capW, effect });
  }
  if (to.stopped && !from.stopped) {
    actions.push({
      ...base,
      kind: 'stop-routing',
      effect: step(as({ ...at.setting, stopped: true })),
    });
  }
  return actions;
};

const effectBetween = ({ draw: from }: Posed, { draw: to }: Posed): ActionEffect => ({
  powerW: to.powerW - from.powerW,
  coreK: to.coreK - from.coreK,
  memoryK: to.memoryK - from.memoryK,
  capacityLoss: from.capacity - to.capacity,
  qualityLoss: from.quality - to.quality,
});
