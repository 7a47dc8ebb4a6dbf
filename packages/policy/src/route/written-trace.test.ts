import { describe, expect, it } from '@jest/globals';
import { seededRandom } from '@isotherm/kernel';
import fc from 'fast-check';
import type { RouteTrace } from './contract.ts';
import { defaultRoutePolicy } from './default-policy.ts';
import { exampleInstance, exampleRequest } from './example-instance.ts';
import { selectInstance } from './select-instance.ts';
import { writtenTrace } from './written-trace.ts';

const traceOf = (totals: readonly number[], droppedBy: readonly string[] = []): RouteTrace => ({
  kept: totals.map((_, row) => exampleInstance(`i${row}`)),
  dropped: droppedBy.map((_, row) => exampleInstance(`d${row}`)),
  ...{ droppedBy, totals },
  columns: [{ name: 'half', weight: 1, scores: totals.map((total) => total / 2) }],
});

describe('a written trace', () => {
  it('has all of a small one', () => {
    expect(writtenTrace(traceOf([0.2, 0.8], ['ready']), 'i1')).toEqual({
      scores: { i0: { total: 0.2, half: 0.1 }, i1: { total: 0.8, half: 0.4 } },
      dropped: { d0: 'ready' },
      instancesLeftOut: 0,
    });
  });

  it('has who was picked, then the best, then some that were dropped', () => {
    const trace = traceOf([0.1, 0.5, 0.9, 0.9], ['ready', 'ready']);
    expect(Object.keys(writtenTrace(trace, 'i0', 3).scores)).toEqual(['i0', 'i2', 'i3']);
    expect(writtenTrace(trace, 'i0', 5)).toMatchObject({
      dropped: { d0: 'ready' },
      instancesLeftOut: 1,
    });
    expect(writtenTrace(trace, 'i0', 0)).toEqual({ scores: {}, dropped: {}, instancesLeftOut: 6 });
  });

  it('keeps the best as a sort of all would find them (property)', () => {
    const totals = fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 40 });
    fc.assert(
      fc.property(totals, fc.nat(12), (given, instancesMax) => {
        const { scores } = writtenTrace(traceOf(given), undefined, instancesMax);
        const best = given.toSorted((a, b) => b - a).slice(0, instancesMax);
        const kept = Object.values(scores).map(({ total }) => total);
        expect(kept.toSorted((a = 0, b = 0) => b - a)).toEqual(best);
      }),
    );
  });

  it('adds up: the weighted scores of whoever was picked are its total', () => {
    const instances = [3, 7, 5].map((bookedTokens) =>
      exampleInstance(`i${bookedTokens}`, { bookedTokens }),
    );
    const { trace } = selectInstance(
      ...([defaultRoutePolicy, exampleRequest(), instances, seededRandom(1)] as const),
    );
    for (const own of Object.values(writtenTrace(trace, undefined).scores)) {
      const sum = defaultRoutePolicy.scorers.reduce(
        (total, { scorer, weight }) => total + weight * (own[scorer.name] ?? NaN),
        0,
      );
      expect(own['total']).toBeCloseTo(sum, 12);
    }
  });
});
