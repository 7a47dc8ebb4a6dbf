import {
  stageHeadroom,
  type StageHeadroomSettings,
  stageHeadroomDefaults,
} from '../../headroom/stage-headroom.ts';
import type { Preference } from '../contract.ts';

/** Headroom below which an instance gets no work that another one could do. */
export const headroomMinDefault = 0.1;

/**
 * How many times the work at hand cool instances may have more to do than a hot one before it goes there: heat takes tens of
 * seconds to build up, and an instance that gets only what the others cannot take works less than its share.
 */
export const headroomPatienceDefault = 1;

/**
 * Drops instances that have next to no headroom for the stage. A preference: where all are hot, or the cool ones have too
 * much to do, work still has to go somewhere. Those of which nobody knows it are kept.
 */
export const hasHeadroomFilter = (
  headroomMin: number = headroomMinDefault,
  patience: number = headroomPatienceDefault,
  settings: StageHeadroomSettings = stageHeadroomDefaults,
): Preference => ({
  name: 'has-headroom',
  patience,
  keeps: ({ headroom }, { stage }) =>
    headroom === undefined || stageHeadroom(headroom, stage, settings) >= headroomMin,
});
