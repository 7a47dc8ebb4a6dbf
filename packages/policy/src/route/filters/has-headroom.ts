import { stageHeadroom } from '../../headroom/stage-headroom.ts';
import type { Filter } from '../contract.ts';

/** Headroom below which an instance gets no work that another one could do. */
export const headroomMinDefault = 0.1;

/**
 * Drops instances that have next to no headroom for the stage. Meant as a preference: where all are hot, work still has to
 * go somewhere. Those of which nobody knows it are kept.
 */
export const hasHeadroomFilter = (headroomMin: number = headroomMinDefault): Filter => ({
  name: 'has-headroom',
  keeps: ({ headroom }, { stage }) =>
    headroom === undefined || stageHeadroom(headroom, stage) >= headroomMin,
});
