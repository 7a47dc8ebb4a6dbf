import {
  type AdjustableInstance,
  configurationKey,
  drawOf,
  type InstanceSetting,
  type LevelState,
} from '@isotherm/policy';
import type { RoomIndex } from '../topology/room-index.ts';
import { aisleLimitW } from './aisle-limit.ts';
import type { AisleMargins } from './aisle-margins.ts';

/** Margins at which an aisle's shortage of air counts in full, and not at all, in K. */
const easedK = { tightK: 2, easyK: 6 };

/** The levels with the limits of their aisles' air as they are to be kept, by how warm it is there. */
export const easedAisles = (
  levels: readonly LevelState[],
  adjustable: readonly AdjustableInstance[],
  margins: readonly AisleMargins[],
  by: { readonly index: RoomIndex; readonly releaseShare: number },
): readonly LevelState[] => {
  const gifts = giftsOf(adjustable, by.index);
  return levels.map((level) => {
    if (level.level !== 'aisle') return level;
    const aisle = by.index.layout.aisles.findIndex(({ plan }) => plan.id === level.id);
    const marginK = margins[aisle]?.marginK ?? Infinity;
    const gift = gifts[aisle] ?? { heldBackW: 0, givableW: 0 };
    const air = { ...gift, expectedW: level.predictedW, limitW: level.limitW, marginK };
    return { ...level, limitW: aisleLimitW(air, { ...easedK, releaseShare: by.releaseShare }) };
  });
};

/** What an instance, or all of an aisle, does not draw because it is held back, and what it could give in all. */
interface Gift {
  readonly heldBackW: number;
  readonly givableW: number;
}

const giftsOf = (
  instances: readonly AdjustableInstance[],
  { layout, servers }: RoomIndex,
): readonly Gift[] => {
  const gifts = layout.aisles.map(() => ({ heldBackW: 0, givableW: 0 }));
  for (const instance of instances) {
    const all = gifts[layout.servers[servers.get(instance.place.server) ?? -1]?.aisle ?? -1];
    if (all === undefined) continue;
    const { heldBackW, givableW } = giftOf(instance);
    all.heldBackW += heldBackW;
    all.givableW += givableW;
  }
  return gifts;
};

const giftOf = ({
  profiles,
  current,
  preferred,
  load,
  busyLoad = load,
}: AdjustableInstance): Gift => {
  const drawW = (key: string, setting: Pick<InstanceSetting, 'capW' | 'stopped'>): number => {
    const profile = profiles.find(({ configuration }) => configurationKey(configuration) === key);
    return profile === undefined ? 0 : drawOf(profile, setting, busyLoad).powerW;
  };
  const wantedW = drawW(preferred, { stopped: false });
  return {
    heldBackW: wantedW - drawW(current.configuration, current),
    givableW: wantedW - drawW(preferred, { stopped: true }),
  };
};
