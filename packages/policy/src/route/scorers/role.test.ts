import { describe, expect, it } from '@jest/globals';
import { exampleInstance, exampleRequest } from '../example-instance.ts';
import { roleScorer } from './role.ts';

describe('role', () => {
  const instances = [
    exampleInstance('alone'),
    exampleInstance('beside prefill', { sharesWith: new Set(['prefill']) }),
    exampleInstance('beside decode', { sharesWith: new Set(['decode']) }),
  ];

  it('keeps ordinary work away from shared processes', () => {
    expect(roleScorer.score(instances, exampleRequest())).toEqual([1, 0, 0]);
  });

  it('brings work that wants to be beside a stage there', () => {
    const request = exampleRequest({ beside: 'prefill' });
    expect(roleScorer.score(instances, request)).toEqual([0, 1, 0]);
  });
});
