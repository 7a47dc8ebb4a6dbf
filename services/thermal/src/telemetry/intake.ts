import type { Clock } from '@isotherm/kernel';
import type { Slot, TelemetryBook } from './book.ts';
import { judgeReading, type JudgeBounds } from './judge.ts';
import type { Quantity } from './quantity.ts';
import { quantityRule } from './quantity.ts';
import type { Quarantined, QuarantineReason, RawReading, Reading } from './reading.ts';
import type { SourceKind } from './source.ts';

export interface IntakeBounds extends JudgeBounds {
  /** Most readings of one source in a second; twice as many may come at once. */
  readonly readingsPerSecondMax: number;
  /** Most sources that are told apart. */
  readonly sourcesMax: number;
  /** Time constant over which a GPU's power is smoothed before it is compared, in milliseconds. */
  readonly smoothMs: number;
}

export interface IntakeOutcome {
  readonly accepted: number;
  readonly quarantined: ReadonlyMap<QuarantineReason, number>;
  /** The first few, for a person. */
  readonly examples: readonly Quarantined[];
}

/** What is known of one source. */
export interface SourceBook {
  readonly name: string;
  readonly kind: SourceKind;
  /** When readings of it last counted: Unix time in milliseconds; 0: never. */
  readonly heardMs: number;
  readonly accepted: number;
  readonly quarantined: ReadonlyMap<QuarantineReason, number>;
  /** What is wrong, empty when nothing is. */
  readonly problem: string;
}

/** The one way by which readings of all sources come in. */
export interface TelemetryIntake {
  accept(from: Origin, atMs: number, readings: readonly RawReading[]): IntakeOutcome;
  /** Notes that a source fails, or (by an empty text) works again. */
  note(from: Origin, problem: string): void;
  /** Calls with every reading that counts, in the order of acceptance. */
  listen(listener: (reading: Reading) => void): void;
  sources(): readonly SourceBook[];
}

export interface Origin {
  readonly name: string;
  readonly kind: SourceKind;
}

interface SourceState {
  readonly kind: SourceKind;
  heardMs: number;
  usedMs: number;
  accepted: number;
  readonly quarantined: Map<QuarantineReason, number>;
  problem: string;
  tokens: number;
  filledMs: number;
}

/** Readings shown in one outcome. */
const examplesMax = 8;

export const createTelemetryIntake = (
  book: TelemetryBook,
  bounds: IntakeBounds,
  clock: Clock,
): TelemetryIntake => {
  const states = new Map<string, SourceState>();
  const listeners: ((reading: Reading) => void)[] = [];

  const stateOf = ({ name, kind }: Origin): SourceState => {
    const nowMs = clock.nowMs();
    const known = states.get(name);
    if (known !== undefined) {
      known.usedMs = nowMs;
      return known;
    }
    if (states.size >= bounds.sourcesMax) forgetOldest(states);
    const state: SourceState = {
      ...{ kind, heardMs: 0, usedMs: nowMs, accepted: 0, quarantined: new Map(), problem: '' },
      ...{ tokens: 2 * bounds.readingsPerSecondMax, filledMs: clock.monotonicMs() },
    };
    states.set(name, state);
    return state;
  };

  return {
    accept: (from, atMs, readings) => {
      const state = stateOf(from);
      const nowMs = clock.nowMs();
      fill(state, bounds.readingsPerSecondMax, clock.monotonicMs());
      const outcome = { accepted: 0, quarantined: new Map(), examples: [] as Quarantined[] };
      const putAside = (reading: RawReading, reason: QuarantineReason, message: string): void => {
        add(outcome.quarantined, reason);
        add(state.quarantined, reason);
        if (outcome.examples.length < examplesMax)
          outcome.examples.push({ reading, reason, message });
      };
      const context = { atMs, nowMs, source: from.name, book, bounds };
      for (const reading of readings) {
        if (state.tokens < 1) {
          const most = `at most ${bounds.readingsPerSecondMax} readings a second`;
          putAside(reading, 'over_rate', `A source may tell ${most}.`);
          continue;
        }
        state.tokens -= 1;
        const verdict = judgeReading(reading, context);
        if (verdict.kind === 'aside') {
          putAside(reading, verdict.reason, verdict.message);
          continue;
        }
        const { of, quantity, shelf } = verdict;
        const { value } = reading;
        const slot = shelf.get(quantity);
        const powerW = shelf.get('power_w')?.smooth ?? Number.NaN;
        const heard = { value, atMs, heardMs: nowMs, source: from.name };
        if (slot === undefined) shelf.set(quantity, firstSlot(heard, powerW));
        else update(slot, quantity, heard, powerW, bounds);
        outcome.accepted += 1;
        const counted = { of, quantity, value, atMs };
        for (const listener of listeners) listener(counted);
      }
      state.accepted += outcome.accepted;
      if (outcome.accepted > 0) state.heardMs = nowMs;
      return outcome;
    },
    note: (from, problem) => {
      stateOf(from).problem = problem.slice(0, 500);
    },
    listen: (listener) => {
      listeners.push(listener);
    },
    sources: () =>
      [...states].map(([name, { kind, heardMs, accepted, quarantined, problem }]) => ({
        ...{ name, kind, heardMs, accepted, quarantined, problem },
      })),
  };
};

type Heard = Pick<Slot, 'value' | 'atMs' | 'heardMs' | 'source'>;

const firstSlot = (heard: Heard, powerW: number): Slot => ({
  ...heard,
  ...{ anchor: heard.value, anchorMs: heard.atMs, anchorPowerW: powerW, smooth: heard.value },
});

const update = (
  slot: Slot,
  quantity: Quantity,
  heard: Heard,
  powerW: number,
  { smoothMs }: IntakeBounds,
): void => {
  const moved = Math.abs(heard.value - slot.anchor) > (quantityRule(quantity).noise ?? 0);
  if (moved || Number.isNaN(slot.anchorPowerW)) {
    slot.anchor = heard.value;
    slot.anchorMs = heard.atMs;
    slot.anchorPowerW = powerW;
  }
  if (quantity === 'power_w') {
    const dtMs = Math.max(0, heard.atMs - slot.atMs);
    slot.smooth += (heard.value - slot.smooth) * (1 - Math.exp(-dtMs / smoothMs));
  }
  slot.value = heard.value;
  slot.atMs = heard.atMs;
  slot.heardMs = heard.heardMs;
  slot.source = heard.source;
};

const fill = (state: SourceState, perSecond: number, monotonicMs: number): void => {
  const grown = (Math.max(0, monotonicMs - state.filledMs) / 1000) * perSecond;
  state.tokens = Math.min(2 * perSecond, state.tokens + grown);
  state.filledMs = monotonicMs;
};

const add = (counts: Map<QuarantineReason, number>, reason: QuarantineReason): void => {
  counts.set(reason, (counts.get(reason) ?? 0) + 1);
};

/** Strangers' names must not gather for ever: the one that was silent the longest goes. */
const forgetOldest = (states: Map<string, SourceState>): void => {
  let oldest: string | undefined;
  let oldestMs = Infinity;
  for (const [name, { usedMs, kind }] of states) {
    if (kind !== 'reported' || usedMs >= oldestMs) continue;
    [oldest, oldestMs] = [name, usedMs];
  }
  if (oldest !== undefined) states.delete(oldest);
};
