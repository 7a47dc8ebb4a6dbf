import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { routerShare } from './router-share.ts';

describe('the share of a router', () => {
  it.each([
    { name: 'alone', use: { routers: 1, ownTokens: 0, allTokens: 99 }, share: 1 },
    {
      name: 'beside one that is idle',
      use: { routers: 2, ownTokens: 70, allTokens: 70 },
      share: 1,
    },
    {
      name: 'idle, beside a busy one',
      use: { routers: 2, ownTokens: 0, allTokens: 70 },
      share: 0.5,
    },
    {
      name: 'busy beside less busy ones',
      use: { routers: 3, ownTokens: 60, allTokens: 80 },
      share: 0.75,
    },
    { name: 'where nothing is in use', use: { routers: 2, ownTokens: 0, allTokens: 0 }, share: 1 },
    { name: 'not announced yet', use: { routers: 0, ownTokens: 0, allTokens: 9 }, share: 1 },
  ])('$name is $share', ({ use, share }) => {
    expect(routerShare(use)).toBeCloseTo(share);
  });

  it('settles where routers fill the fleet together, and none gets less than wanted or an equal part (property)', () => {
    const wants = fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 2, maxLength: 4 });
    fc.assert(
      fc.property(wants, (wanted) => {
        const capacity = 100;
        const held = wanted.map(() => 0);
        // One request after the other comes to an end; then a router lets in what its share leaves room for.
        for (let round = 0; round < 2000; round++) {
          const turn = round % wanted.length;
          const own = (): number => held[turn] ?? 0;
          const room = (): boolean => {
            const allTokens = held.reduce((sum, one) => sum + one, 0);
            const use = { routers: wanted.length, ownTokens: own(), allTokens };
            return own() < capacity * routerShare(use);
          };
          held[turn] = Math.max(0, own() - 1);
          while (own() < (wanted[turn] ?? 0) && room()) held[turn] = own() + 1;
        }
        const equal = Math.floor(capacity / wanted.length);
        held.forEach((one, index) => {
          expect(one).toBeGreaterThanOrEqual(Math.min(equal, wanted[index] ?? 0) - 1);
        });
        expect(held.reduce((sum, one) => sum + one, 0)).toBeLessThanOrEqual(
          capacity + wanted.length,
        );
      }),
    );
  });
});
