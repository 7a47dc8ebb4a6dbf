import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { linearProfile } from './linear-profile.ts';
import { stageCosts } from './stage-costs.ts';
import type { StagePoint, StageProfile } from './stage-profile.ts';

const profileOf = (
  points: readonly StagePoint[],
  different: Partial<StageProfile> = {},
): StageProfile => ({
  ...{ stage: 'decode', model: 'm', hardware: 'h', gpus: 1, precision: 'bf16' },
  ...{ batchMax: 8, source: 'a test', points, ...different },
});
const point = (batch: number, tokens: number, latencyMs: number): StagePoint => ({
  ...{ batch, tokens, latencyMs, powerW: 10 * latencyMs },
});

describe('the costs of a stage', () => {
  const costs = stageCosts(
    profileOf([
      ...[point(1, 0, 10), point(1, 100, 20), point(1, 300, 30)],
      ...[point(4, 300, 90), point(4, 0, 40), point(4, 100, 50)],
    ]),
  );

  it('are the points themselves, and between them on straight lines', () => {
    expect(costs.latencyMs(1, 100)).toBe(20);
    expect(costs.latencyMs(4, 300)).toBe(90);
    expect(costs.latencyMs(1, 200)).toBe(25);
    expect(costs.latencyMs(2.5, 0)).toBe(25);
    expect(costs.latencyMs(2.5, 50)).toBe(30);
    expect(costs.powerW(2.5, 50)).toBe(300);
  });

  it('go on along the last line, and never below nothing', () => {
    expect(costs.latencyMs(1, 500)).toBe(40);
    expect(costs.latencyMs(7, 0)).toBe(70);
    expect(costs.latencyMs(1, -500)).toBe(0);
  });

  it('do not depend on what there is one value of', () => {
    const single = stageCosts(profileOf([{ batch: 1, tokens: 7, latencyMs: 5 }]));
    expect([single.latencyMs(1, 0), single.latencyMs(9, 900), single.powerW(1, 1)]).toEqual([
      ...[5, 5, 0],
    ]);
  });

  it('stretch as the clock falls, but for the part that does not follow it', () => {
    expect(costs.stretch(0.5)).toBe(2);
    const memoryBound = stageCosts(profileOf([point(1, 0, 1)], { clockFixedShare: 0.5 }));
    expect(memoryBound.stretch(0.5)).toBe(1.5);
    expect(memoryBound.stretch(0)).toBeLessThan(Infinity);
  });

  it('refuse points that are no grid, or none', () => {
    expect(() => stageCosts(profileOf([point(1, 0, 1), point(2, 5, 1)]))).toThrow('full grid');
    expect(() => stageCosts(profileOf([]))).toThrow('has a point');
  });
});

it('a linear profile is the sum of its lines everywhere (property)', () => {
  const ms = fc.double({ min: 0, max: 100, noNaN: true });
  fc.assert(
    fc.property(
      ms,
      ms,
      ms,
      fc.nat(64),
      fc.nat(100_000),
      (fixedMs, eachMs, tokenMs, batch, tokens) => {
        const { points: _, ...of } = profileOf([]);
        const costs = stageCosts(linearProfile(of, { fixedMs, eachMs, tokenMs }));
        const expected = fixedMs + batch * (eachMs + tokens * tokenMs);
        const off = Math.abs(costs.latencyMs(batch, tokens) - expected);
        expect(off).toBeLessThanOrEqual(1e-9 * Math.max(1, expected));
      },
    ),
  );
});
