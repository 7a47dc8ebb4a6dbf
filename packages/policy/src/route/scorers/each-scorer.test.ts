import { expect, it } from '@jest/globals';
import { exampleInstance, exampleRequest } from '../example-instance.ts';
import { eachScorer } from './each-scorer.ts';

it('scores all as it scores each', () => {
  const scorer = eachScorer('half-full', ({ bookedTokens }, { tokens }) => bookedTokens / tokens);
  const instances = [50, 100].map((bookedTokens) => exampleInstance('i', { bookedTokens }));
  expect(scorer.score(instances, exampleRequest({ tokens: 100 }))).toEqual([0.5, 1]);
  expect(scorer.name).toBe('half-full');
});
