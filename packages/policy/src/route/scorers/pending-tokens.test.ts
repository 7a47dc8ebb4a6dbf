import { describe, expect, it } from '@jest/globals';
import { exampleInstance, exampleRequest } from '../example-instance.ts';
import { pendingTokensScorer } from './pending-tokens.ts';

const score = (...instances: Parameters<typeof pendingTokensScorer.score>[0][number][]) =>
  pendingTokensScorer.score(instances, exampleRequest());

describe('pending-tokens', () => {
  it.each([
    { name: 'idle instances all score 1', booked: [0, 0], expected: [1, 1] },
    {
      name: 'the least loaded scores 1, the most loaded 0',
      booked: [0, 50, 100],
      expected: [1, 0.5, 0],
    },
  ])('$name', ({ booked, expected }) => {
    const instances = booked.map((bookedTokens, i) => exampleInstance(`i${i}`, { bookedTokens }));
    expect(score(...instances)).toEqual(expected);
  });

  it('counts load per capacity', () => {
    const small = exampleInstance('small', { bookedTokens: 100, capacity: 1 });
    const large = exampleInstance('large', { bookedTokens: 100, capacity: 8 });
    expect(score(small, large)).toEqual([0, 1]);
  });

  it("sees other routers' work by what the instance reports", () => {
    const busy = exampleInstance('busy', { bookedTokens: 0, reportedTokens: 500 });
    expect(score(busy, exampleInstance('idle'))).toEqual([0, 1]);
  });
});
