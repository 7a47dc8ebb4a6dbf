import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { byDue, dueMsOf } from './waiting-order.ts';

const slo = { ttftMs: 1000, ttftTokenMs: 2 };
const never = Number.MAX_SAFE_INTEGER;

describe('the order within a share', () => {
  it('lets short ones pass a long one for as long as it was given more time, and no longer', () => {
    const long = { dueMs: dueMsOf(0, 500, slo, never), arrival: 0 };
    const short = (atMs: number) => ({ dueMs: dueMsOf(atMs, 0, slo, never), arrival: atMs });
    expect(byDue(short(999), long)).toBeLessThan(0);
    expect(byDue(short(1000), long)).toBeGreaterThan(0);
    expect(byDue(short(1001), long)).toBeGreaterThan(0);
  });

  it("takes a client's own deadline where it is sooner", () => {
    expect(dueMsOf(0, 10, slo, 300)).toBe(300);
  });

  it('is a total order that does not depend on how requests are listed (property)', () => {
    const waiting = fc
      .array(fc.integer({ min: 0, max: 20 }), { maxLength: 30 })
      .map((dues) => dues.map((dueMs, arrival) => ({ dueMs, arrival })));
    fc.assert(
      fc.property(waiting, fc.nat(), (list, seed) => {
        const shuffled = list.toSorted(
          (a, b) => ((a.arrival * seed) % 31) - ((b.arrival * seed) % 31),
        );
        expect(shuffled.toSorted(byDue)).toEqual(list.toSorted(byDue));
      }),
    );
  });
});
