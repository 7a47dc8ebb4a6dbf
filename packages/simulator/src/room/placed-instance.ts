import type { GpuDemand, WorkKind } from '@isotherm/plant';
import type { InstanceSetting, Place, Profile } from '@isotherm/policy';
import type { FleetInstance } from '../pipeline/fleet.ts';

/** An instance where it runs, with what was commanded and what it was last seen to do. */
export interface PlacedInstance {
  readonly instance: FleetInstance;
  readonly place: Place;
  /** Its server, and its GPUs, by their numbers in the room. */
  readonly server: number;
  readonly gpus: readonly number[];
  /** What each of its GPUs is asked for: one object, written over. */
  readonly demand: { -readonly [Key in keyof GpuDemand]: GpuDemand[Key] };
  /** Its profiles at a floor of how busy it is: `clockProfiles`. */
  readonly profilesAt: (busyFloor: number) => readonly Profile[];
  profiles: readonly Profile[];
  setting: InstanceSetting;
  changedAtS: number;
  kind: WorkKind;
  /** Work that it is meant to do, in seconds of full clock a second. */
  load: number;
  clockShare: number;
  /** What it does in a time at that clock, as a share of what it does at the full one. */
  speed: number;
}
