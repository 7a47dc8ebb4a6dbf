import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { addDemand, type Demand, demandAhead } from './demand.ts';

const demandOf = (cost: number): Demand => ({
  requests: 1,
  cost,
  encodeJobs: 0,
  encodeTokens: 0,
  prefillTokens: cost,
});

describe('the demand ahead of a request', () => {
  it('is all of its own tenant, and of others what their share lets by', () => {
    const flood = { weight: 1, demand: demandOf(10_000) };
    const ahead = demandAhead(100, 1, {
      ownBefore: demandOf(7),
      others: [flood],
    });
    expect(ahead.cost).toBe(7 + 107);
    const heavier = demandAhead(100, 1, {
      ownBefore: demandOf(50),
      others: [{ ...flood, weight: 2 }],
    });
    expect(heavier.cost).toBe(50 + 300);
  });

  it('is never more than what waits, and does not depend on the order of tenants (property)', () => {
    const share = fc.record({
      weight: fc.constantFrom(1, 2, 5),
      demand: fc.nat(5000).map(demandOf),
    });
    fc.assert(
      fc.property(fc.array(share, { maxLength: 8 }), fc.nat(3000), (others, own) => {
        const given = { ownBefore: demandOf(own), others };
        const ahead = demandAhead(10, 1, given);
        const all = others.reduce((sum, { demand }) => addDemand(sum, demand), demandOf(own));
        expect(ahead.cost).toBeLessThanOrEqual(all.cost + 1e-6);
        const turned = demandAhead(10, 1, { ...given, others: others.toReversed() });
        expect(turned.cost).toBeCloseTo(ahead.cost, 6);
      }),
    );
  });
});
