import type { LevelRef } from '../topology/level.ts';
import type { Quantity } from './quantity.ts';

/** A reading as it comes: nothing of it has been checked. */
export interface RawReading {
  /** Kind and id of what it is of. */
  readonly level: string;
  readonly id: string;
  readonly quantity: string;
  readonly value: number;
}

/** A reading that counts. */
export interface Reading {
  readonly of: LevelRef;
  readonly quantity: Quantity;
  readonly value: number;
  /** When it was taken: Unix time in milliseconds. */
  readonly atMs: number;
}

/** Why a reading is put aside; docs/errors.md says what each means. */
export const quarantineReasons = [
  'not_finite',
  'impossible',
  'unknown_level',
  'unknown_quantity',
  'from_the_future',
  'too_old',
  'duplicate',
  'reordered',
  'superseded',
  'stuck',
  'over_rate',
] as const;
export type QuarantineReason = (typeof quarantineReasons)[number];

export interface Quarantined {
  readonly reading: RawReading;
  readonly reason: QuarantineReason;
  /** A sentence with what would be right. */
  readonly message: string;
}
