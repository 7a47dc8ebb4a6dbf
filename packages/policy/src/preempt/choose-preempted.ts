/** A sequence of a running batch as the choice sees it. */
export interface RunningSequence {
  /** Its place in the order in which the sequences joined: the youngest has the highest. */
  readonly joined: number;
  /** How often its request was preempted before. */
  readonly preemptions: number;
}

/**
 * Which sequence makes room when the KV memory of a batch runs out: the youngest, since the least is lost with it and
 * the oldest are sure to end; but of those that were preempted less often before others, so that no request is put off
 * for ever. Undefined where there is nobody to choose from but one: it alone would be prefilled again for nothing.
 */
export const choosePreempted = <Sequence extends RunningSequence>(
  running: readonly Sequence[],
): Sequence | undefined => {
  if (running.length < 2) return undefined;
  return running.reduce((chosen, each) => (goesBefore(each, chosen) ? each : chosen));
};

const goesBefore = (one: RunningSequence, other: RunningSequence): boolean =>
  one.preemptions === other.preemptions
    ? one.joined > other.joined
    : one.preemptions < other.preemptions;
