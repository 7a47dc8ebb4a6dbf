import type { LevelRef } from '../topology/level.ts';
import type { Quantity } from './quantity.ts';

/** The last reading of one quantity of one level, and what is needed to judge the next one. */
export interface Slot {
  value: number;
  /** When it was taken and when it was heard: Unix time in milliseconds. */
  atMs: number;
  heardMs: number;
  source: string;
  /** Its value has been within noise of `anchor` since then, at this smoothed power of its GPU in watts. */
  anchor: number;
  anchorMs: number;
  anchorPowerW: number;
  /** Of power readings: smoothed, in the slot's unit. */
  smooth: number;
}

export interface Latest {
  readonly value: number;
  readonly atMs: number;
  readonly source: string;
}

/**
 * Whether a reading still says what is. One from a time to come does not: then a clock has jumped back, and the reading is
 * from before that.
 */
export const isFresh = ({ atMs }: Latest, nowMs: number, staleMs: number): boolean =>
  Math.abs(nowMs - atMs) <= staleMs;

/** The slots of one level. */
export type Shelf = Map<Quantity, Slot>;

/** The latest of everything: one slot for each quantity of each level that the room has, and no more. */
export interface TelemetryBook {
  /** Undefined for a level that the room does not have. */
  shelf(level: string, id: string): Shelf | undefined;
  latest(of: LevelRef, quantity: Quantity): Latest | undefined;
  /** Slots in use. */
  readonly size: number;
}

export const createTelemetryBook = (known: Iterable<LevelRef>): TelemetryBook => {
  const shelves = new Map<string, Map<string, Shelf>>();
  for (const { level, id } of known) {
    const own = shelves.get(level) ?? new Map<string, Shelf>();
    shelves.set(level, own.set(id, new Map()));
  }
  return {
    shelf: (level, id) => shelves.get(level)?.get(id),
    latest: ({ level, id }, quantity) => shelves.get(level)?.get(id)?.get(quantity),
    get size() {
      let size = 0;
      for (const own of shelves.values()) for (const shelf of own.values()) size += shelf.size;
      return size;
    },
  };
};
