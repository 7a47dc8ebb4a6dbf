import { describe, expect, it } from '@jest/globals';
import { closedBreaker } from '@isotherm/policy';
import fc from 'fast-check';
import { type Booking, createBooking } from './booking.ts';
import type { Member } from './member.ts';

const breaker = {
  ...{ breakerFailuresMax: 2, breakerWindowMs: 1e6, breakerOpenMs: 100 },
  ...{ breakerOpenMsMax: 100, breakerProbesMax: 1 },
};

/** A member without its stream, and the bookings on it. */
const memberOf = () => {
  const parts: Partial<Member> = { bookedTokens: 0, bookings: 0, waiting: new Set() };
  const member = Object.assign(parts, { breaker: closedBreaker }) as Member;
  const state = { nowMs: 0, all: 0 };
  const book = (tokens: number): Booking =>
    createBooking(tokens, {
      member,
      options: { breaker, nowMs: () => state.nowMs },
      count: (sign) => (state.all += sign),
    });
  return { member, state, book };
};

describe('a booking', () => {
  it('is released once, whatever was told before and after (property)', () => {
    const action = fc.constantFrom('progressed', 'failed', 'release');
    const job = fc.record({
      tokens: fc.nat(1000),
      actions: fc.array(action, { maxLength: 6 }),
    });
    fc.assert(
      fc.property(fc.array(job, { maxLength: 20 }), (jobs) => {
        const { member, state, book } = memberOf();
        const open = jobs.map(({ tokens }) => book(tokens));
        for (let step = 0; step < 6; step++) {
          for (const [index, { actions }] of jobs.entries()) {
            state.nowMs += 1;
            const name = actions[step];
            if (name !== undefined) open[index]?.[name as keyof Booking]();
            if (member.bookedTokens < 0 || member.bookings < 0 || state.all < 0) return false;
          }
        }
        for (const booking of open) booking.release();
        const left = [member.bookedTokens, member.bookings, member.waiting.size, state.all];
        return left.every((each) => each === 0);
      }),
    );
  });

  it('says which failure opened the breaker, and counts none after its release', () => {
    const { member, book } = memberOf();
    const [first, second, third] = [book(1), book(1), book(1)];
    third.release();
    expect(third.failed()).toBe(false);
    expect([first.failed(), second.failed()]).toEqual([false, true]);
    expect(member.breaker.kind).toBe('open');
  });

  it('closes a breaker with the first thing that the instance delivers', () => {
    const { member, state, book } = memberOf();
    for (const failing of [book(1), book(1)]) {
      failing.failed();
      failing.release();
    }
    state.nowMs = 200;
    const probe = book(1);
    expect(member.breaker.kind).toBe('half_open');
    probe.progressed();
    expect(member.breaker.kind).toBe('closed');
    probe.release();
    expect(member.breaker).toMatchObject({ kind: 'closed', failures: 0 });
  });

  it('waits until something has come of it', () => {
    const { member, state, book } = memberOf();
    book(1);
    state.nowMs = 5;
    const second = book(1);
    second.progressed();
    expect([...member.waiting].map(({ startedMs }) => startedMs)).toEqual([0]);
  });

  it('counts even where its instance has left', () => {
    let all = 0;
    const options = { breaker, nowMs: () => 0 };
    const booking = createBooking(9, { member: undefined, options, count: (by) => (all += by) });
    expect([all, booking.failed()]).toEqual([1, false]);
    booking.release();
    booking.release();
    expect(all).toBe(0);
  });
});
