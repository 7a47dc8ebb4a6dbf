import { stageHeadroom } from '../../headroom/stage-headroom.ts';
import type { Scorer } from '../contract.ts';

/** Where nobody has said how much there is: neither good nor bad. */
const headroomUnknown = 0.5;

/**
 * Prefers instances with headroom of the kind that the stage needs, at the level that leaves the least. Those of which none
 * is known rate in the middle.
 */
export const headroomScorer: Scorer = {
  name: 'headroom',
  score: (instances, { stage }) =>
    instances.map(({ headroom }) =>
      headroom === undefined ? headroomUnknown : stageHeadroom(headroom, stage),
    ),
};
