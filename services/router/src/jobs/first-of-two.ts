import { setTimeout as delay } from 'node:timers/promises';
import { Fault } from '@isotherm/kernel';

/** One of two attempts at the same piece of work. Its outcome is a value, also where it has failed. */
export interface Contestant<Outcome> {
  readonly outcome: Promise<Outcome>;
  /** Ends it because the other was faster. */
  withdraw(): void;
}

/** What an attempt is aborted with that the other one has made needless. */
export const otherWasFaster = new Fault('cancelled', 'Another instance was faster.');

/** Begins an attempt that can be withdrawn by itself. */
export const contestant = <Outcome>(
  signal: AbortSignal,
  run: (own: AbortSignal) => Promise<Outcome>,
): Contestant<Outcome> => {
  const controller = new AbortController();
  return {
    outcome: run(AbortSignal.any([signal, controller.signal])),
    withdraw: () => controller.abort(otherWasFaster),
  };
};

/**
 * Waits for the first attempt; begins a second one when that has no outcome after `afterMs`, if there can be one. The first
 * outcome that settles the matter counts, and the other attempt is withdrawn and has ended when this returns. Where none
 * does, the outcomes of all attempts are there, in order.
 */
export const firstOfTwo = async <Outcome>(
  first: Contestant<Outcome>,
  afterMs: number,
  settles: (outcome: Outcome) => boolean,
  beginSecond: () => Contestant<Outcome> | undefined,
): Promise<readonly [Outcome, ...Outcome[]]> => {
  const over = new AbortController();
  const late = delay(afterMs, undefined, { signal: over.signal }).catch(() => undefined);
  const early = await Promise.race([first.outcome, late]).finally(() => over.abort());
  if (early !== undefined) return [early];
  const second = beginSecond();
  if (second === undefined) return [await first.outcome];
  const settledBy = async (
    own: Contestant<Outcome>,
    other: Contestant<Outcome>,
  ): Promise<readonly [Outcome, Contestant<Outcome>]> => {
    const outcome = await own.outcome;
    if (!settles(outcome)) throw new Error('The other one may still do it.');
    return [outcome, other];
  };
  const settled = Promise.any([settledBy(first, second), settledBy(second, first)]);
  const fastest = await settled.catch(() => undefined);
  if (fastest === undefined) return [await first.outcome, await second.outcome];
  const [outcome, loser] = fastest;
  loser.withdraw();
  await loser.outcome;
  return [outcome];
};
