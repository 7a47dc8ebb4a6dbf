import { Fault, type InstanceId, type Random, type Stage } from '@isotherm/kernel';
import {
  type InstanceView,
  type RouteDecision,
  type RoutePolicy,
  type RouteRequest,
  selectInstance,
  stoppedNowFilter,
} from '@isotherm/policy';
import type { Booking } from '../fleet/booking.ts';
import type { Fleet } from '../fleet/fleet.ts';

export interface PlaceOptions {
  readonly fleet: Fleet;
  readonly policy: RoutePolicy;
  readonly random: Random;
  /** Whether requests wait in front of the fleet. */
  crowded?(): boolean;
  /** Longest wait for an instance when there is none, in milliseconds. */
  readonly instanceWaitMs: number;
}

/** Where a piece of work goes, and what is booked for it there. */
export interface Placed {
  readonly instance: InstanceId;
  readonly booking: Booking;
}

/**
 * Selects and books in one turn of the event loop, so that no two requests see the same free place. Waits a bounded
 * time while no instance will do. `decided` is told of the decision that counts: who was selected, or why nobody was.
 * Faults: `unavailable` when none came; with a time to come again where an emergency has stopped those that could.
 */
export const placeWork = async (
  request: RouteRequest,
  options: PlaceOptions,
  signal: AbortSignal,
  decided: (decision: RouteDecision, waitedMs: number) => void = () => undefined,
): Promise<Placed> => {
  const { fleet, policy, random, instanceWaitMs } = options;
  const startMs = performance.now();
  let giveUp: AbortSignal | undefined;
  for (;;) {
    signal.throwIfAborted();
    const views = fleet.views();
    const crowded = options.crowded?.() ?? false;
    const decision = selectOrMakeDo(policy, { ...request, crowded }, views, random);
    if (decision.kind === 'selected') {
      const { id } = decision.instance;
      decided(decision, performance.now() - startMs);
      return { instance: id, booking: fleet.book(id, request.tokens) };
    }
    giveUp ??= AbortSignal.any([signal, AbortSignal.timeout(instanceWaitMs)]);
    if (giveUp.aborted) {
      decided(decision, performance.now() - startMs);
      throw noneFault(request.stage, decision);
    }
    // Nobody rings when a stopped instance may work again.
    const look = isStopped(decision) ? [AbortSignal.timeout(lookAgainMs)] : [];
    await fleet.changed(AbortSignal.any([giveUp, ...look]));
  }
};

const lookAgainMs = 250;
/** An emergency lasts minutes, and what it stopped is looked at anew every few seconds. */
const stoppedRetryMs = 10_000;

/** Whether instances could do the work, were they not stopped in an emergency. */
const isStopped = ({ trace }: RouteDecision): boolean =>
  trace.droppedBy.includes(stoppedNowFilter.name);

const noneFault = (stage: Stage, decision: RouteDecision): Fault =>
  isStopped(decision)
    ? new Fault(
        'unavailable',
        `An emergency in the machine room has stopped all ${stage} instances that could take this request.`,
        { retryAfterMs: stoppedRetryMs },
      )
    : new Fault('unavailable', `No ${stage} instance can take this request now.`);

/** Selects and books where that can be done now, at none that has failed at it or is doing it. */
export const placeNow = (
  request: RouteRequest,
  { fleet, policy, random }: Omit<PlaceOptions, 'instanceWaitMs'>,
  decided: (decision: RouteDecision & { readonly kind: 'selected' }) => void,
): Placed | undefined => {
  const decision = selectInstance(policy, request, fleet.views(), random);
  if (decision.kind === 'rejected') return undefined;
  decided(decision);
  const { id } = decision.instance;
  return { instance: id, booking: fleet.book(id, request.tokens) };
};

/**
 * One that failed before is better than none: after a short silence it may be the only one there is. So is one whose
 * circuit breaker is open: breakers choose among instances, they do not refuse.
 */
const selectOrMakeDo = (
  policy: RoutePolicy,
  request: RouteRequest,
  views: readonly InstanceView[],
  random: Random,
): RouteDecision => {
  const first = selectInstance(policy, request, views, random);
  if (first.kind === 'selected') return first;
  const again = request.excluded.size > 0;
  const second = again
    ? selectInstance(policy, { ...request, excluded: none }, views, random)
    : first;
  if (second.kind === 'selected' || !views.some(({ tripped }) => tripped === true)) return second;
  const untripped = views.map((view) => ({ ...view, tripped: false }));
  return selectInstance(policy, { ...request, excluded: none }, untripped, random);
};

const none: ReadonlySet<InstanceId> = new Set();
