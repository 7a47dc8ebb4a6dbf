import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { defaultTenantLimits } from './tenant.ts';
import { fullBucket, giveBackTokens, takeTokens } from './token-bucket.ts';

const limits = { tokensPerS: 100, burstTokens: 50 };

describe('the token bucket of a tenant', () => {
  it('gives a burst at once and says when there will be more', () => {
    const first = takeTokens(fullBucket(limits, 0), limits, 50, 0);
    if (first.kind !== 'taken') throw new Error(first.kind);
    expect(takeTokens(first.bucket, limits, 10, 0)).toEqual({ kind: 'refused', retryAfterMs: 100 });
    expect(takeTokens(first.bucket, limits, 10, 99)).toMatchObject({ kind: 'refused' });
    expect(takeTokens(first.bucket, limits, 10, 100)).toMatchObject({ kind: 'taken' });
  });

  it('lets one larger than a whole burst through when it is full, and makes it pay after', () => {
    const big = takeTokens(fullBucket(limits, 0), limits, 150, 0);
    if (big.kind !== 'taken') throw new Error(big.kind);
    expect(takeTokens(big.bucket, limits, 1, 0)).toEqual({ kind: 'refused', retryAfterMs: 1010 });
  });

  it('takes nothing from a tenant without a limit', () => {
    const outcome = takeTokens(fullBucket(defaultTenantLimits, 0), defaultTenantLimits, 1e9, 0);
    expect(outcome.kind).toBe('taken');
  });

  it('gives back no more than a burst', () => {
    expect(giveBackTokens({ tokens: 40, atMs: 0 }, limits, 30).tokens).toBe(50);
  });

  it('never gives more than burst plus rate, keeps its promise, and refuses no sooner (property)', () => {
    const asked = fc.array(
      fc.record({ afterMs: fc.nat(400), tokens: fc.integer({ min: 1, max: 50 }) }),
      { maxLength: 60 },
    );
    fc.assert(
      fc.property(asked, (requests) => {
        let bucket = fullBucket(limits, 0);
        let nowMs = 0;
        let taken = 0;
        for (const { afterMs, tokens } of requests) {
          nowMs += afterMs;
          const outcome = takeTokens(bucket, limits, tokens, nowMs);
          if (outcome.kind === 'taken') {
            bucket = outcome.bucket;
            taken += tokens;
          } else {
            const { retryAfterMs } = outcome;
            expect(retryAfterMs).toBeGreaterThan(0);
            const kinds = [-2, 0].map(
              (shiftMs) => takeTokens(bucket, limits, tokens, nowMs + retryAfterMs + shiftMs).kind,
            );
            expect(kinds).toEqual(retryAfterMs > 2 ? ['refused', 'taken'] : [kinds[0], 'taken']);
          }
          expect(taken).toBeLessThanOrEqual(50 + nowMs / 10 + 1e-6);
        }
      }),
    );
  });
});
