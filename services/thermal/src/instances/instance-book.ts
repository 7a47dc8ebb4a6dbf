import type { InstanceRecord } from '@isotherm/lanes';
import { gpuIdsOf, parsePlace, type Place } from '@isotherm/plant';
import type { Loadable } from '../profiles/profile-book.ts';
import type { RoomIndex } from '../topology/room-index.ts';

/** How an instance works, by its own counters. */
export interface InstanceLoad {
  /** Share of the time in which its engine had work since the last look, 0 to 1. */
  readonly utilisation: number;
  /** Mean number of jobs that ran together, at least 1. */
  readonly batch: number;
  /** Share of its full clock that it runs at by command. */
  readonly clockShare: number;
  /** Power that it says it draws; 0: it does not say. */
  readonly powerW: number;
  /** By its own status; empty where its engine has none. */
  readonly precision: string;
  /** Model and threads that it has loaded; empty and 0 where its engine loads nothing. */
  readonly model: string;
  readonly threads: number;
  /** Most work in a batch by command; 0: as configured. */
  readonly batchMax: number;
  /** When it was heard: Unix time in milliseconds. */
  readonly atMs: number;
}

/** An instance, where it is, and what it does. */
export interface PlacedInstance {
  readonly record: InstanceRecord;
  /** Undefined where nobody says where it is, or the room has no such place. */
  readonly place: Place | undefined;
  /** Columns of its GPUs. */
  readonly gpus: readonly number[];
  readonly server: number | undefined;
  readonly load: InstanceLoad | undefined;
  /** What it says that it can load. */
  readonly loadable?: readonly Loadable[];
}

/** Finds where an instance is in the room. */
export const placeOf = (
  record: InstanceRecord,
  index: RoomIndex,
): Pick<PlacedInstance, 'place' | 'gpus' | 'server'> => {
  const place = record.place === undefined ? undefined : parsePlace(record.place);
  const nowhere = { place: undefined, gpus: [], server: undefined };
  if (place === undefined) return nowhere;
  const gpus: number[] = [];
  for (const id of gpuIdsOf(place)) {
    const gpu = index.gpus.get(id);
    if (gpu === undefined) return nowhere;
    gpus.push(gpu);
  }
  return { place, gpus, server: index.servers.get(place.server) };
};
