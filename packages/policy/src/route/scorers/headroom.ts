import {
  headroomParts,
  type StageHeadroomSettings,
  stageHeadroomDefaults,
} from '../../headroom/stage-headroom.ts';
import type { Scorer } from '../contract.ts';
import { eachScorer } from './each-scorer.ts';

/** Where nobody has said how much there is: neither good nor bad. */
const headroomUnknown = 0.5;

/**
 * Prefers instances with headroom of their own, of the kind that the stage needs: cool ones. What they share with others does not
 * part them here (`hasHeadroomFilter`): the best score takes all. Those of which nothing is known rate in the middle.
 */
export const headroomScorerBy = (settings: StageHeadroomSettings): Scorer =>
  eachScorer('headroom', ({ headroom }, { stage }) =>
    headroom === undefined ? headroomUnknown : headroomParts(headroom, stage, settings).own,
  );

export const headroomScorer: Scorer = headroomScorerBy(stageHeadroomDefaults);
