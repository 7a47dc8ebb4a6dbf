import type { Stage } from '@isotherm/kernel';
import { boundedShare, type Headroom } from './headroom.ts';
import type { Level } from './level.ts';

export interface StageHeadroomSettings {
  /** How strongly a stage heats the cores and the memory of its GPUs, 0 to 1 each. */
  readonly heat: Readonly<Record<Stage, StageHeat>>;
  /**
   * Share of a level's limit that is left alone by those who route: instances that share a level are sent work at the same
   * time, by several routers, before any of it can be measured.
   */
  readonly reserveShare: Readonly<Record<Level, number>>;
}

export interface StageHeat {
  readonly core: number;
  readonly memory: number;
}

/**
 * Encoding and prefilling compute and heat cores; decoding reads memory and heats it. The direction is known; that the
 * other part is heated half as much is assumed (no open series of HBM temperatures is known).
 */
export const stageHeadroomDefaults: StageHeadroomSettings = {
  heat: {
    encode: { core: 1, memory: 0.5 },
    prefill: { core: 1, memory: 0.5 },
    decode: { core: 0.5, memory: 1 },
    whole: { core: 1, memory: 1 },
  },
  reserveShare: { gpu: 0, server: 0, rack: 0.02, row: 0.05, ups: 0.05, aisle: 0.05 },
};

/** As if every stage heated everything alike: what headroom is to who does not know stages. */
export const stageBlindHeadroom: StageHeadroomSettings = {
  ...stageHeadroomDefaults,
  heat: {
    ...{ encode: { core: 1, memory: 1 }, prefill: { core: 1, memory: 1 } },
    ...{ decode: { core: 1, memory: 1 }, whole: { core: 1, memory: 1 } },
  },
};

/**
 * Headroom for work of a stage, 0 to 1: the least of power and of both temperatures. What the stage heats half as
 * much lasts twice as long, so its share counts double.
 */
export const stageHeadroom = (
  headroom: Headroom,
  stage: Stage,
  settings: StageHeadroomSettings = stageHeadroomDefaults,
): number => {
  const { own, shared } = headroomParts(headroom, stage, settings);
  return Math.min(own, shared);
};

/** `stageHeadroom` in two: each is 1 where nothing of its kind is short. */
export interface HeadroomParts {
  /** Of temperatures, of an aisle's air, and of power where only the instance's own server is short of it. */
  readonly own: number;
  /** Of power that it shares with the instances of other servers. */
  readonly shared: number;
}

/**
 * What an instance itself is short of, and what it shares. An instance that gets hot gets hot by its own work; what a row is short
 * of, every instance in it reads as its own, and all of them at once, once in a while. An aisle that cannot take more heat warms
 * everything that stands in it within seconds: work leaves it at once and not by parts.
 */
export const headroomParts = (
  headroom: Headroom,
  stage: Stage,
  settings: StageHeadroomSettings = stageHeadroomDefaults,
): HeadroomParts => {
  const { core, memory } = settings.heat[stage];
  const heat = Math.min(lasting(headroom.coreShare, core), lasting(headroom.memoryShare, memory));
  const { level } = headroom.binding;
  const reserve = settings.reserveShare[level];
  const power = boundedShare((boundedShare(headroom.powerShare) - reserve) / (1 - reserve));
  return sharedLevels.has(level)
    ? { own: heat, shared: power }
    : { own: Math.min(heat, power), shared: 1 };
};

const sharedLevels: ReadonlySet<Level> = new Set<Level>(['rack', 'row', 'ups']);

/** How long a share lasts at this heat. A stage that does not heat the part at all is still kept off one at its limit. */
const lasting = (share: number, heat: number): number => {
  const left = boundedShare(share);
  return left === 0 ? 0 : left / Math.max(heat, left);
};
