import type { Scorer } from '../contract.ts';
import { eachScorer } from './each-scorer.ts';

/** Work that waits this long and of which nothing has come makes an instance as bad as can be, in milliseconds. */
const ageMsWorst = 2000;

/**
 * Prefers instances whose oldest waiting work has not waited long. Tokens say how much waits, not whether it moves: an
 * instance that hangs keeps a small load for ever. The scale is absolute, so that milliseconds of difference among
 * instances that work well weigh next to nothing.
 */
export const queueAgeScorer: Scorer = eachScorer(
  'queue-age',
  ({ queueAgeMs = 0 }) => 1 - Math.min(1, Math.max(0, queueAgeMs) / ageMsWorst),
);
