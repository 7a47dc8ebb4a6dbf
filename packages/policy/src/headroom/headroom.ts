import type { LevelRef } from './level.ts';

/**
 * What limits leave for one instance, as shares: 0 at a limit, 1 idle and cool. Each is the smaller of what is left now
 * and of what is predicted to be left at the horizon.
 */
export interface Headroom {
  /** Of the power, or of the air, of the level that leaves the least. */
  readonly powerShare: number;
  /** Of the temperature of the hottest core among its GPUs. */
  readonly coreShare: number;
  /** Of the temperature of the hottest memory among its GPUs. */
  readonly memoryShare: number;
  /** The level that `powerShare` is of. */
  readonly binding: LevelRef;
  /** Not measured: telemetry is old, missing, or does not add up. */
  readonly conservative: boolean;
}

/** The three shares alike: what is assumed of an instance of which nothing is known. */
export const conservativeHeadroom = (share: number): Headroom => ({
  ...{ powerShare: share, coreShare: share, memoryShare: share },
  ...{ binding: { level: 'server', id: '' }, conservative: true },
});

/** What who is to get no work at all has left, as known just now: routing keeps to it, as it does not to what is old news. */
export const noHeadroom: Headroom = { ...conservativeHeadroom(0), conservative: false };

/** A share within its bounds; what is no number leaves nothing. */
export const boundedShare = (share: number): number => (share > 0 ? Math.min(1, share) : 0);
