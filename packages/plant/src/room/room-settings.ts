/** How a room's own protections act. Assumed, where no source is named. */
export interface RoomSettings {
  /** Longest internal step; a longer one is divided. */
  readonly substepSMax: number;
  /** Longest step at all; what a caller asks beyond it is not stepped. */
  readonly stepSMax: number;
  readonly throttle: ThrottleSettings;
  readonly brake: BrakeSettings;
  /** Heat capacities and couplings of an aisle, for each of its racks, where the plan says nothing. */
  readonly perRack: {
    readonly airJk: number;
    readonly metalJk: number;
    readonly couplingWk: number;
    /** What leaks through walls to the outside. */
    readonly wallWk: number;
  };
  /** By how much air warms in an AHU's coil at its rated heat, where the plan says nothing. */
  readonly coilRiseK: number;
}

export interface ThrottleSettings {
  /** How fast clocks fall by heat: e-folds a second and kelvin above the limit. */
  readonly fallPerKS: number;
  /** How fast they come back, a second. */
  readonly recoverPerS: number;
  /** Clocks rise again only this far below the limit. */
  readonly recoverBelowK: number;
  /** Clock under a hardware slowdown: NVML says half or less. */
  readonly hardwareClockShare: number;
  /** A hardware slowdown ends this far below its limit. */
  readonly hardwareReleaseK: number;
}

/** The power brake that a row's PDU pulls at all its servers before its breaker opens. */
export interface BrakeSettings {
  readonly isOn: boolean;
  /** An overload of this length pulls it. */
  readonly afterS: number;
  readonly clockShare: number;
  /** It is let go after `releaseAfterS` below this share of the limit. */
  readonly releaseShare: number;
  readonly releaseAfterS: number;
  /** It is pulled at once when a breaker has used up this much of its time to trip, */
  readonly pullTripShare: number;
  /** and let go only when the breaker has forgotten all but this. */
  readonly releaseTripShare: number;
}

export const defaultRoomSettings: RoomSettings = {
  substepSMax: 1,
  stepSMax: 3_600,
  throttle: {
    ...{ fallPerKS: 0.03, recoverPerS: 0.01, recoverBelowK: 2 },
    ...{ hardwareClockShare: 0.5, hardwareReleaseK: 4 },
  },
  brake: {
    ...{ isOn: true, afterS: 5, clockShare: 0.4, releaseShare: 0.9, releaseAfterS: 20 },
    ...{ pullTripShare: 0.4, releaseTripShare: 0.2 },
  },
  // 7.5 m³ of air and 500 kg of metal a rack. The coupling is chosen so that a rack of 5 kW warms by 27 K in three
  // minutes without cooling and one of 10 kW in well under one, as a vendor's study of 2007 has it (second-hand).
  perRack: { airJk: 9_000, metalJk: 250_000, couplingWk: 200, wallWk: 10 },
  coilRiseK: 18,
};
