import { boundedShare } from '../headroom/headroom.ts';

/** What the place of a pool has left, and what one more instance would take of it. */
export interface PlaceLeft {
  /** Instances that run or start there. */
  readonly running: number;
  /** Power that is left below the tightest level's limit at its predicted peak, in watts. */
  readonly leftW: number;
  /** What one instance draws at its peak, with its part of the server. */
  readonly instanceW: number;
  /** Least headroom of temperature where a next one would run, 0 to 1 (`stageHeadroom`). */
  readonly temperatureShare: number;
}

/** A place with less temperature headroom than this bears nobody more. */
const temperatureShareMin = 0.1;

/**
 * Instances that power and heat bear, for `ScaleSample.replicasBearable`: what runs, and as many as the power that is left is
 * enough for. Never fewer than what runs: shedding is for emergencies and reconfiguration, which know who gives first.
 */
export const bearableReplicas = ({
  running,
  leftW,
  instanceW,
  temperatureShare,
}: PlaceLeft): number => {
  if (boundedShare(temperatureShare) < temperatureShareMin || !(leftW > 0)) return running;
  if (!(instanceW > 0)) return Number.POSITIVE_INFINITY;
  return running + Math.floor(leftW / instanceW);
};
