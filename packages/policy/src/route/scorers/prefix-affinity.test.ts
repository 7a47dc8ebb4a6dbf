import { describe, expect, it } from '@jest/globals';
import { exampleInstance, exampleRequest } from '../example-instance.ts';
import { prefixAffinityScorer } from './prefix-affinity.ts';

const blocks = ['a', 'b', 'c', 'd'];
const prefill = (id: string, held: number, bookedTokens = 0) =>
  exampleInstance(id, {
    stage: 'prefill',
    cacheKeys: new Set(blocks.slice(0, held)),
    bookedTokens,
  });

const scores = (...instances: readonly ReturnType<typeof prefill>[]) =>
  prefixAffinityScorer.score(
    instances,
    exampleRequest({ stage: 'prefill', tokens: 100, cacheKeys: blocks }),
  );

describe('prefix-affinity', () => {
  it('rates by the longest beginning, against the best', () => {
    expect(scores(prefill('half', 2), prefill('quarter', 1), prefill('none', 0))).toEqual([
      1, 0.5, 0,
    ]);
  });

  it('sees that blocks behind a missing one are of no use', () => {
    const gap = exampleInstance('gap', { stage: 'prefill', cacheKeys: new Set(['b', 'c', 'd']) });
    expect(scores(gap, prefill('quarter', 1))).toEqual([0, 1]);
  });

  it('waits no longer than running the beginning anew would take', () => {
    expect(scores(prefill('busy', 2, 50), prefill('idle', 0))).toEqual([1, 0]);
    expect(scores(prefill('busy', 2, 51), prefill('idle', 0))).toEqual([0, 0]);
  });

  it('compares the wait with the least loaded, not with nothing', () => {
    expect(scores(prefill('busy', 2, 1040), prefill('also busy', 0, 1000))).toEqual([1, 0]);
  });

  it('makes no detour for a sliver of a long prompt', () => {
    const keys = Array.from({ length: 11 }, (_, index) => `k${index}`);
    const sliver = exampleInstance('a', { stage: 'prefill', cacheKeys: new Set(['k0']) });
    const request = exampleRequest({ stage: 'prefill', cacheKeys: keys });
    expect(prefixAffinityScorer.score([sliver], request)).toEqual([0]);
  });
});
