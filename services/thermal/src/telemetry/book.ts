import { levelKey, type LevelRef } from '../topology/level.ts';
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

/** The latest of everything: one slot for each quantity of each level that the room has, and no more. */
export interface TelemetryBook {
  has(of: LevelRef): boolean;
  latest(of: LevelRef, quantity: Quantity): Latest | undefined;
  slot(of: LevelRef, quantity: Quantity): Slot | undefined;
  put(of: LevelRef, quantity: Quantity, slot: Slot): void;
  /** Slots in use. */
  readonly size: number;
}

export const createTelemetryBook = (known: Iterable<LevelRef>): TelemetryBook => {
  const shelves = new Map<string, Map<Quantity, Slot>>();
  for (const of of known) shelves.set(levelKey(of), new Map());
  let size = 0;
  return {
    has: (of) => shelves.has(levelKey(of)),
    latest: (of, quantity) => shelves.get(levelKey(of))?.get(quantity),
    slot: (of, quantity) => shelves.get(levelKey(of))?.get(quantity),
    put: (of, quantity, slot) => {
      const shelf = shelves.get(levelKey(of));
      if (shelf === undefined) return;
      if (!shelf.has(quantity)) size += 1;
      shelf.set(quantity, slot);
    },
    get size() {
      return size;
    },
  };
};
