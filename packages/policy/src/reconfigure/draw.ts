import type { InstanceSetting, Profile } from './contract.ts';

/** What an instance draws, heats and can do in a setting, at its load. */
export interface Draw {
  readonly powerW: number;
  readonly coreK: number;
  readonly memoryK: number;
  /** Load that it could serve. */
  readonly capacity: number;
  readonly quality: number;
}

/**
 * `load` is what it works for, full batches or not. Power is linear in the share of the goodput that is used, and temperatures are linear in power. A cap takes capacity as it
 * takes power above idle. Both are models of what profiles leave out.
 */
export const drawOf = (
  profile: Profile,
  { capW, stopped }: Pick<InstanceSetting, 'capW' | 'stopped'>,
  load: number,
): Draw => {
  const { goodput, idleW, fullW, coreK, memoryK, quality } = profile;
  const used = stopped ? 0 : usedShare(load, goodput);
  const openW = idleW + (fullW - idleW) * used;
  const powerW = capW === undefined ? openW : Math.min(openW, Math.max(idleW, capW));
  const heat = fullW > 0 ? powerW / fullW : 0;
  const capacity = stopped ? 0 : goodput * cappedShare(profile, capW);
  return { powerW, coreK: coreK * heat, memoryK: memoryK * heat, capacity, quality };
};

const usedShare = (load: number, goodput: number): number => {
  if (!(load > 0)) return 0;
  return goodput > load ? load / goodput : 1;
};

const cappedShare = ({ idleW, fullW }: Profile, capW: number | undefined): number => {
  if (capW === undefined || capW >= fullW) return 1;
  return fullW > idleW ? Math.max(0, (capW - idleW) / (fullW - idleW)) : 0;
};
