import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type AdmissionView, decideAdmission } from './decide-admission.ts';

const easy: AdmissionView = {
  rate: { kind: 'taken', bucket: { tokens: 1, atMs: 0 } },
  room: false,
  weight: 1,
  tenantWaiting: 0,
  tenantWaitingMax: 10,
  count: { all: 0, max: 10, own: 0, added: 1 },
  bytes: { all: 0, max: 1000, own: 0, added: 10 },
  prediction: { waitMs: 100, ownMs: 50 },
  ttftTargetMs: 1000,
  waitMsMax: 5000,
  remainingMs: 10_000,
};

describe('admission', () => {
  it.each([
    { name: 'room', view: { room: true }, is: 'admitted' },
    { name: 'no room', view: {}, is: 'queued' },
    {
      name: 'used up tokens, even with room',
      view: { room: true, rate: { kind: 'refused' as const, retryAfterMs: 250 } },
      is: 'tenant_rate',
    },
    { name: 'too many of its tenant', view: { tenantWaiting: 10 }, is: 'tenant_waiting' },
    {
      name: 'a full room',
      view: { count: { all: 10, max: 10, own: 0, added: 1 } },
      is: 'queue_count',
    },
    {
      name: 'more than its share of the room',
      view: { count: { all: 5, max: 10, own: 5, added: 1 } },
      is: 'queue_count',
    },
    {
      name: 'a share that weighs more',
      view: { weight: 2, count: { all: 5, max: 10, own: 5, added: 1 } },
      is: 'queued',
    },
    {
      name: 'too many bytes',
      view: { bytes: { all: 995, max: 1000, own: 0, added: 10 } },
      is: 'queue_bytes',
    },
    {
      name: 'a wait past the target',
      view: { prediction: { waitMs: 960, ownMs: 50 } },
      is: 'ttft_target',
    },
    {
      name: 'work that fills the target, and a short wait',
      view: { prediction: { waitMs: 500, ownMs: 2000 } },
      is: 'queued',
    },
    {
      name: 'a wait past the deadline',
      view: { remainingMs: 120 },
      is: 'deadline',
    },
    {
      name: 'a deadline that nothing could meet, even with room',
      view: { room: true, remainingMs: 40 },
      is: 'never_in_time',
    },
    {
      name: 'an unknown speed',
      view: { prediction: undefined, remainingMs: 1 },
      is: 'queued',
    },
  ])('$name: $is', ({ view, is }) => {
    const decision = decideAdmission({ ...easy, ...view });
    expect(decision.kind === 'refused' ? decision.reason : decision.kind).toBe(is);
  });

  it('says when to come again: by the bucket, or by the wait, within bounds', () => {
    const after = (view: Partial<AdmissionView>): number => {
      const decision = decideAdmission({ ...easy, ...view });
      return decision.kind === 'refused' ? decision.retryAfterMs : Number.NaN;
    };
    expect(after({ rate: { kind: 'refused', retryAfterMs: 250 } })).toBe(250);
    expect(after({ prediction: { waitMs: 7000, ownMs: 1 } })).toBe(7000);
    expect(after({ count: { all: 10, max: 10, own: 0, added: 1 } })).toBe(1000);
    expect(after({ prediction: { waitMs: 1e9, ownMs: 1 } })).toBe(60_000);
  });

  it('never fills the room above its bounds, and always leaves some to who has nothing (property)', () => {
    const arrivals = fc.array(fc.tuple(fc.nat(5), fc.integer({ min: 1, max: 30 })), {
      maxLength: 200,
    });
    fc.assert(
      fc.property(arrivals, (requests) => {
        const own = Array.from({ length: 6 }, () => ({ count: 0, bytes: 0 }));
        const sum = (of: 'count' | 'bytes'): number =>
          own.reduce((total, each) => total + each[of], 0);
        const decide = (tenant: number, bytes: number): string =>
          decideAdmission({
            ...easy,
            count: { all: sum('count'), max: 40, own: own[tenant]?.count ?? 0, added: 1 },
            bytes: { all: sum('bytes'), max: 600, own: own[tenant]?.bytes ?? 0, added: bytes },
          }).kind;
        for (const [tenant, bytes] of requests) {
          const mine = own[tenant];
          if (decide(tenant, bytes) !== 'queued' || mine === undefined) continue;
          mine.count += 1;
          mine.bytes += bytes;
        }
        expect(sum('count')).toBeLessThanOrEqual(40);
        expect(sum('bytes')).toBeLessThanOrEqual(600);
        own.forEach(({ count }, tenant) => {
          if (count === 0) expect(decide(tenant, 1)).toBe('queued');
        });
      }),
    );
  });
});
