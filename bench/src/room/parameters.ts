import { heatLoad, type HeatLoad } from '../heat/heat-load.ts';

/** What one arm of the room bench goes through. */
export interface RoomParameters extends HeatLoad {
  /** Seconds of plant time that pass in a second. */
  readonly timeScale: number;
  /** Plain load first, then everything that goes wrong, in milliseconds. */
  readonly calmMs: number;
  readonly hotMs: number;
  /** The heat wave, in K, and what is left of one aisle's cooling. */
  readonly heatWaveK: number;
  readonly coolingShare: number;
}

const load = { ...heatLoad, heatWaveK: 8, coolingShare: 0.45 };

export const fullRoom: RoomParameters = { ...load, timeScale: 30, calmMs: 6_000, hotMs: 28_000 };
export const quickRoom: RoomParameters = { ...load, timeScale: 40, calmMs: 3_000, hotMs: 15_000 };
