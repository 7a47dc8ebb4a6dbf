import type { InstanceView, Scorer } from '../contract.ts';

/**
 * Prefers instances whose KV memory has room: a sequence that joins a full batch waits, or is preempted. The score is the
 * free share that the instance last reported; one that reports no bound has room.
 */
export const kvRoomScorer: Scorer = {
  name: 'kv-room',
  score: (instances) => instances.map(freeShare),
};

const freeShare = ({ kvBytes, kvBytesMax }: InstanceView): number =>
  kvBytesMax > 0 ? Math.max(0, 1 - kvBytes / kvBytesMax) : 1;
