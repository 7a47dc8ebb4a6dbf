import {
  stageHeadroom,
  type StageHeadroomSettings,
  stageHeadroomDefaults,
} from '../../headroom/stage-headroom.ts';
import type { Scorer } from '../contract.ts';
import { eachScorer } from './each-scorer.ts';

/** Where nobody has said how much there is: neither good nor bad. */
const headroomUnknown = 0.5;

/**
 * Prefers instances with headroom of the kind that the stage needs, at the level that leaves the least. Those of which none
 * is known rate in the middle.
 */
export const headroomScorerBy = (settings: StageHeadroomSettings): Scorer =>
  eachScorer('headroom', ({ headroom }, { stage }) =>
    headroom === undefined ? headroomUnknown : stageHeadroom(headroom, stage, settings),
  );

export const headroomScorer: Scorer = headroomScorerBy(stageHeadroomDefaults);
