import { describe, expect, it } from '@jest/globals';
import { noDemand, sloClassNames, type SloClassName } from '@isotherm/policy';
import fc from 'fast-check';
import { createWaitingRoom, type WaitingRequest } from './waiting-room.ts';

interface Given {
  readonly sloClass: SloClassName;
  readonly tenant: string;
  readonly dueMs: number;
  readonly media: boolean;
  readonly bytes: number;
}

const requestOf = (given: Given, arrival: number): WaitingRequest => ({
  ...given,
  ...{ arrival, weight: 1, arrivedMs: arrival, patientUntilMs: arrival + 10 },
  demand: { ...noDemand, requests: 1, cost: 7, encodeJobs: given.media ? 1 : 0 },
});

const given = fc.record({
  sloClass: fc.constantFrom(...sloClassNames),
  tenant: fc.constantFrom('a', 'b'),
  dueMs: fc.nat(9),
  media: fc.boolean(),
  bytes: fc.nat(99),
});

describe('the waiting room', () => {
  it('agrees with a list that is searched from end to end, whatever comes and goes (property)', () => {
    fc.assert(
      fc.property(fc.array(given, { maxLength: 40 }), fc.array(fc.nat(39)), (all, leaving) => {
        const room = createWaitingRoom<WaitingRequest>();
        const requests = all.map(requestOf);
        for (const request of requests) room.add(request);
        const gone = new Set(leaving.map((index) => requests[index]));
        for (const request of gone) if (request !== undefined) room.remove(request);
        const left = requests.filter((request) => !gone.has(request));
        expect(new Set(room.all())).toEqual(new Set(left));
        expect(room.bytes).toBe(left.reduce((sum, { bytes }) => sum + bytes, 0));
        expect(room.count).toBe(left.length);
        for (const textOnly of [true, false]) {
          const fits = (one: WaitingRequest): boolean => !textOnly || one.demand.encodeJobs === 0;
          const view = room.view(100, fits);
          for (const name of sloClassNames) {
            for (const { tenant, first } of view[name].shares) {
              const [expected] = left
                .filter((one) => one.sloClass === name && one.tenant === tenant && fits(one))
                .toSorted((one, two) => one.dueMs - two.dueMs || one.arrival - two.arrival);
              expect(first?.request).toBe(expected);
            }
            const oldest = left.filter((one) => one.sloClass === name).map((one) => one.arrival);
            const overdueMs = oldest.length === 0 ? -1 : 90 - Math.min(...oldest);
            expect(view[name].overdueMs).toBe(overdueMs);
          }
        }
      }),
    );
  });

  it('is empty, shares and all, when everybody has left', () => {
    const room = createWaitingRoom<WaitingRequest>();
    const request = requestOf(
      { sloClass: 'batch', tenant: 'a', dueMs: 1, media: true, bytes: 5 },
      0,
    );
    room.add(request);
    expect([room.remove(request), room.remove(request)]).toEqual([true, false]);
    expect(room.view(0, () => true).batch).toEqual({ shares: [], overdueMs: -1 });
    expect([room.count, room.bytes, room.countOf('a')]).toEqual([0, 0, 0]);
  });

  it('counts what is due before a new request, and what is more urgent', () => {
    const room = createWaitingRoom<WaitingRequest>();
    const base = { sloClass: 'standard' as const, tenant: 'a', dueMs: 5, media: false, bytes: 1 };
    room.add(requestOf(base, 0));
    room.add(requestOf({ ...base, dueMs: 9 }, 1));
    room.add(requestOf({ ...base, sloClass: 'interactive' }, 2));
    room.add(requestOf({ ...base, sloClass: 'batch' }, 3));
    room.add(requestOf({ ...base, tenant: 'b' }, 4));
    const ahead = room.ahead(requestOf({ ...base, dueMs: 7 }, 5));
    expect(ahead.moreUrgent.requests).toBe(1);
    expect(ahead.ownBefore.requests).toBe(1);
    expect(ahead.others).toMatchObject([{ demand: { requests: 1 } }]);
  });
});
