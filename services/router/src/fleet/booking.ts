import { type BreakerEvent, nextBreaker } from '@isotherm/policy';
import type { Member, MemberOptions } from './member.ts';

/** Tokens held for one job on one instance; released exactly once however the job ends. */
export interface Booking {
  /** The instance has delivered something of the work: it works, and the work waits no more. */
  progressed(): void;
  /** The instance, or the way to it, failed at this job. True where that opened its circuit breaker. */
  failed(): boolean;
  release(): void;
}

/** What a booking changes: an instance may have left meanwhile, the count of all bookings stays. */
export interface Booked {
  readonly member: Member | undefined;
  readonly options: Pick<MemberOptions, 'breaker' | 'nowMs'>;
  /** Counts this booking in, and out again. */
  count(sign: 1 | -1): void;
}

export const createBooking = (tokens: number, { member, options, count }: Booked): Booking => {
  const startedMs = options.nowMs();
  const waiting = { startedMs };
  const tell = (event: BreakerEvent): void => {
    if (member === undefined) return;
    member.breaker = nextBreaker(member.breaker, event, options.nowMs(), options.breaker);
  };
  const add = (sign: 1 | -1): void => {
    count(sign);
    if (member === undefined) return;
    member.bookings += sign;
    member.bookedTokens += sign * tokens;
  };
  const isOpen = (): boolean => member?.breaker.kind === 'open';
  let held = true;
  add(1);
  member?.waiting.add(waiting);
  tell({ kind: 'started' });
  return {
    progressed: () => {
      if (member?.waiting.delete(waiting) === true) tell({ kind: 'succeeded', startedMs });
    },
    failed: () => {
      const wasOpen = isOpen();
      if (held) tell({ kind: 'failed', startedMs });
      return !wasOpen && isOpen();
    },
    release: () => {
      if (!held) return;
      held = false;
      // Work that had begun has told the breaker of its success already.
      if (member?.waiting.delete(waiting) === true) tell({ kind: 'left', startedMs });
      add(-1);
    },
  };
};
