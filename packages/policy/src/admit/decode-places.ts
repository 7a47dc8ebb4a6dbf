import { expectedMs, type StageSpeed } from './stage-speed.ts';
import { type SloClasses, type SloClassName, sloClassNames } from './slo-class.ts';

/** What fits but for the rounding of sums fits. */
const roundingSequences = 1e-6;

/**
 * Most sequences that one decode instance may run for a step to take no longer than `tokenMs`; infinite where nothing is
 * known of it, and where one alone takes longer: then the promise cannot be kept, and holding others back keeps nothing.
 * `steps` was learnt from (sequences, milliseconds a step).
 */
export const sequencesMax = (steps: StageSpeed, tokenMs: number): number => {
  const alone = expectedMs(steps, 1, 1);
  const perSequence = expectedMs(steps, 0, 1);
  if (alone === undefined || perSequence === undefined) return Number.POSITIVE_INFINITY;
  const others = (tokenMs - alone) / perSequence + roundingSequences;
  return others >= 0 ? 1 + Math.floor(others) : Number.POSITIVE_INFINITY;
};

/** What of the places is taken, by class. */
export type TakenByClass = Readonly<Record<SloClassName, number>>;

export interface DecodeView {
  /** Instances that decode. */
  readonly instances: number;
  /** Learnt from (sequences in a step, milliseconds that it took). */
  readonly steps: StageSpeed;
  /** Requests in the fleet for each sequence in a step. */
  readonly perSequence: number;
}

export interface PlaceLimit {
  readonly taken: number;
  readonly count: number;
}

/**
 * How many places a class may use so that tokens come as promised. Its own promise counts those that are as urgent or
 * more: what is less urgent does not hold it back. The promises of more urgent classes that are being answered count
 * everything: what is let in now would slow them down.
 */
export const tokenLimits = (
  sloClass: SloClassName,
  classes: Pick<SloClasses, SloClassName>,
  taken: TakenByClass,
  { instances, steps, perSequence }: DecodeView,
): readonly PlaceLimit[] => {
  const urgent = sloClassNames.slice(0, sloClassNames.indexOf(sloClass));
  const sum = (names: readonly SloClassName[]): number =>
    names.reduce((total, name) => total + taken[name], 0);
  const countOf = (name: SloClassName): number =>
    Math.ceil(Math.max(1, instances) * sequencesMax(steps, classes[name].tokenMs) * perSequence);
  return [
    { taken: sum([...urgent, sloClass]), count: countOf(sloClass) },
    ...urgent
      .filter((name) => taken[name] > 0)
      .map((name) => ({ taken: sum(sloClassNames), count: countOf(name) })),
  ].filter(({ count }) => Number.isFinite(count));
};
