import {
  headroomParts,
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
 * Share of the work that instances are left out for where their row, rack or UPS has nothing left; less where it has more left,
 * in proportion. Not all of it at once: the others would have it, and pass their limits. With 1, two rows that can be filled by
 * what is routed would only just not swing between readings; with a half each reading halves what they differ by.
 */
const leftOutShare = 0.5;

/**
 * Drops instances that have next to no headroom of their own for the stage, and for a part of the work those whose row (rack, UPS)
 * has little power left. What many share is read by all of them at once, and grows old together: who sends everything to
 * where it is best sends it to one row until that is the worst, and then to another one, and each passes its limit in turn.
 * By parts of the work rows meet.
 *
 * A preference: where all are hot, or the cool ones have too much to do, work still has to go somewhere. Those of which nobody
 * knows it are kept.
 */
export const hasHeadroomFilter = (
  headroomMin: number = headroomMinDefault,
  patience: number = headroomPatienceDefault,
  settings: StageHeadroomSettings = stageHeadroomDefaults,
): Preference => ({
  name: 'has-headroom',
  patience,
  isDrawn: true,
  keeps: ({ headroom }, { stage }, draw) => {
    if (headroom === undefined) return true;
    const { own, shared } = headroomParts(headroom, stage, settings);
    return own >= headroomMin && draw >= leftOutShare * (1 - shared);
  },
});
