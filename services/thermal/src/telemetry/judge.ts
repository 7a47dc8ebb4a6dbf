import { isLevel, type LevelRef } from '../topology/level.ts';
import type { Shelf, Slot, TelemetryBook } from './book.ts';
import { isQuantity, levelsOf, type Quantity, quantityRule } from './quantity.ts';
import type { QuarantineReason, RawReading } from './reading.ts';

/** Bounds of what is believed; times in milliseconds of the machine's clock. */
export interface JudgeBounds {
  /** A reading may be ahead of this machine's clock by so much. */
  readonly futureMsMax: number;
  /** Older than this says nothing about now. */
  readonly ageMsMax: number;
  /** A temperature that has not moved for this long while its GPU's power has is stuck. */
  readonly stuckMs: number;
  /** Another source's reading is preferred for this long. */
  readonly sourceHoldMs: number;
  /** How much the power of a GPU must have moved for its temperature to follow visibly, in watts. */
  readonly stuckPowerW: (gpu: string) => number;
}

export type Verdict =
  | {
      readonly kind: 'counts';
      readonly of: LevelRef;
      readonly quantity: Quantity;
      readonly shelf: Shelf;
    }
  | { readonly kind: 'aside'; readonly reason: QuarantineReason; readonly message: string };

const aside = (reason: QuarantineReason, message: string): Verdict => ({
  ...{ kind: 'aside', reason },
  message,
});

/** Whether one reading can be true, given what is known. Changes nothing. */
export const judgeReading = (
  reading: RawReading,
  context: {
    readonly atMs: number;
    readonly nowMs: number;
    readonly source: string;
    readonly book: TelemetryBook;
    readonly bounds: JudgeBounds;
  },
): Verdict => {
  const { level, id, quantity, value } = reading;
  const { atMs, nowMs, book, bounds } = context;
  if (!Number.isFinite(value)) return aside('not_finite', 'A reading is a finite number.');
  const shelf = book.shelf(level, id);
  if (!isLevel(level) || shelf === undefined) {
    return aside('unknown_level', `The topology has no ${shown(level)} ${shown(id)}.`);
  }
  if (!isQuantity(quantity)) {
    return aside('unknown_quantity', `${shown(quantity)} is none of the quantities of Reading.`);
  }
  const rule = quantityRule(quantity);
  const range = rule.of[level];
  if (range === undefined) {
    const where = levelsOf(quantity).join(', ');
    return aside('unknown_quantity', `${quantity} is read of ${where}, not of a ${level}.`);
  }
  if (value < range.min || value > range.max) {
    const sound = `${range.min} to ${range.max}`;
    return aside('impossible', `${quantity} of a ${level} is ${sound}, not ${value}.`);
  }
  if (rule.whole === true && !Number.isInteger(value)) {
    return aside('impossible', `${quantity} is a whole number, not ${value}.`);
  }
  if (!(atMs <= nowMs + bounds.futureMsMax)) {
    return aside('from_the_future', 'Its time is ahead of this machine: compare the clocks.');
  }
  if (atMs < nowMs - bounds.ageMsMax) {
    return aside('too_old', `Its time is more than ${bounds.ageMsMax} ms ago.`);
  }
  const counts: Verdict = { kind: 'counts', of: { level, id }, quantity, shelf };
  const slot = shelf.get(quantity);
  // What was told of a time that has not come was told before this machine's clock jumped back.
  if (slot === undefined || slot.atMs > nowMs + bounds.futureMsMax) return counts;
  return judgeOrder(slot, context) ?? judgeStuck(reading, quantity, shelf, context) ?? counts;
};

const judgeOrder = (
  slot: Slot,
  { source, atMs, nowMs, bounds }: Parameters<typeof judgeReading>[1],
): Verdict | undefined => {
  if (atMs > slot.atMs) return undefined;
  if (source !== slot.source) {
    const held = nowMs - slot.heardMs < bounds.sourceHoldMs;
    return held ? aside('superseded', `${slot.source} has told a later one.`) : undefined;
  }
  return atMs === slot.atMs
    ? aside('duplicate', 'This source has told one of this time already.')
    : aside('reordered', 'This source has told a later one already.');
};

const judgeStuck = (
  { id, value }: RawReading,
  quantity: Quantity,
  shelf: Shelf,
  { atMs, bounds }: Parameters<typeof judgeReading>[1],
): Verdict | undefined => {
  const { noise } = quantityRule(quantity);
  const slot = shelf.get(quantity);
  if (noise === undefined || slot === undefined || Math.abs(value - slot.anchor) > noise) {
    return undefined;
  }
  const power = shelf.get('power_w');
  if (power === undefined || atMs - slot.anchorMs < bounds.stuckMs) return undefined;
  const movedW = Math.abs(power.smooth - slot.anchorPowerW);
  if (!(movedW >= bounds.stuckPowerW(id))) return undefined;
  return aside('stuck', `It has not moved while the power moved by ${Math.round(movedW)} W.`);
};

/** A word of a stranger, short enough for a message. */
const shown = (text: string): string => JSON.stringify(text.slice(0, 64));
