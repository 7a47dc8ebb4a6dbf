import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { countedTokens, expectedMs, observeJob, unknownSpeed } from './stage-speed.ts';

const learn = (jobs: readonly { readonly tokens: number; readonly ms: number }[]) =>
  jobs.reduce(observeJob, unknownSpeed);

describe('the speed of a stage', () => {
  it('says nothing before it has seen enough', () => {
    expect(
      expectedMs(learn(Array.from({ length: 7 }, () => ({ tokens: 10, ms: 10 }))), 1, 10),
    ).toBeUndefined();
    expect(
      expectedMs(learn(Array.from({ length: 8 }, () => ({ tokens: 10, ms: 10 }))), 1, 10),
    ).toBeCloseTo(10);
  });

  it('finds a time for each job and one for each token (property)', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 4000 }), { minLength: 16, maxLength: 64 });
    const ms = fc.double({ min: 0, max: 50, noNaN: true });
    fc.assert(
      fc.property(sizes, ms, ms, (tokensOf, jobMs, tokenUs) => {
        // Of times that clocks cannot tell, errors do not count.
        fc.pre(jobMs > 0.1 && Math.max(...tokensOf) >= 4 * Math.min(...tokensOf));
        const timeOf = (tokens: number): number => jobMs + (tokens * tokenUs) / 1000;
        const speed = learn(tokensOf.map((tokens) => ({ tokens, ms: timeOf(tokens) })));
        const expected = expectedMs(speed, 3, 3 * 777) ?? Number.NaN;
        expect(Math.abs(expected - 3 * timeOf(777))).toBeLessThan(0.001 + timeOf(777) * 1e-5);
      }),
    );
  });

  it('remembers one large job among thousands of small ones, whatever these say of a slope', () => {
    const noise = [18, 25, 19, 22];
    const small = Array.from({ length: 2000 }, (_, index) => ({
      ...{ tokens: 30 + (index % 2) * 40, ms: noise[index % 4] ?? 0 },
    }));
    const one = observeJob(learn(small.slice(0, 1000)), { tokens: 160_000, ms: 4_000 });
    const speed = small.slice(1000).reduce(observeJob, one);
    expect(expectedMs(speed, 1, 160_000)).toBeGreaterThan(2_000);
    expect(expectedMs(speed, 1, 160_000)).toBeLessThan(8_000);
    expect(expectedMs(speed, 1, 50)).toBeGreaterThan(17);
    expect(expectedMs(speed, 1, 50)).toBeLessThan(26);
  });

  it('does not speak for what is far larger than all that was seen', () => {
    const small = learn(Array.from({ length: 64 }, (_, index) => ({ tokens: 40 + index, ms: 20 })));
    const counted = countedTokens(small, 1, 160_000);
    expect(counted).toBeLessThan(500);
    expect(countedTokens(small, 1, 90)).toBe(90);
    expect(countedTokens(small, 3, 160_000)).toBeCloseTo(3 * counted);
    expect(countedTokens(unknownSpeed, 1, 160_000)).toBe(160_000);
  });

  it('follows a change', () => {
    const slow = learn(Array.from({ length: 200 }, () => ({ tokens: 100, ms: 100 })));
    const fast = Array.from({ length: 200 }, () => ({ tokens: 100, ms: 10 })).reduce(
      observeJob,
      slow,
    );
    expect(expectedMs(fast, 1, 100)).toBeLessThan(15);
  });

  it('is finite, not negative, and never less for more, whatever was seen (property)', () => {
    const job = fc.record({
      tokens: fc.nat(100_000),
      ms: fc.double({ min: -10, max: 1e6, noNaN: true }),
    });
    fc.assert(
      fc.property(
        fc.array(job, { minLength: 8, maxLength: 40 }),
        fc.nat(100),
        fc.nat(9999),
        (jobs, some, tokens) => {
          const speed = learn(jobs);
          const less = expectedMs(speed, some, tokens) ?? Number.NaN;
          const more = expectedMs(speed, some + 1, tokens + 100) ?? Number.NaN;
          expect(less).toBeGreaterThanOrEqual(0);
          expect(more).toBeGreaterThanOrEqual(less);
          expect(Number.isFinite(more)).toBe(true);
        },
      ),
    );
  });
});
