import type { Scorer } from '../contract.ts';
import { eachScorer } from './each-scorer.ts';

/**
 * Prefers instances whose KV memory has room: a sequence that joins a full batch waits, or is preempted. The score is the
 * free share that the instance last reported; one that reports no bound has room.
 */
export const kvRoomScorer: Scorer = eachScorer('kv-room', ({ kvBytes, kvBytesMax }) =>
  kvBytesMax > 0 ? Math.max(0, 1 - kvBytes / kvBytesMax) : 1,
);
