import { describe, expect, it } from '@jest/globals';
import { conservativeHeadroom } from '../../headroom/headroom.ts';
import { exampleInstance, exampleRequest } from '../example-instance.ts';
import { headroomScorer } from './headroom.ts';

describe('headroom', () => {
  const shares = { hot: 0, cool: 0.9, odd: 7 };
  const instances = [
    exampleInstance('unknown'),
    ...Object.entries(shares).map(([id, share]) =>
      exampleInstance(id, { headroom: conservativeHeadroom(share) }),
    ),
  ];

  it('is what is known of it, within its bounds; what is unknown is in the middle', () => {
    expect(headroomScorer.score(instances, exampleRequest())).toEqual([0.5, 0, 0.9, 1]);
  });

  it('parts the stages: prefill goes to the cool core, decode to the cool memory', () => {
    const cool = conservativeHeadroom(1);
    const both = [
      exampleInstance('cool core', { headroom: { ...cool, memoryShare: 0.4 } }),
      exampleInstance('cool memory', { headroom: { ...cool, coreShare: 0.4 } }),
    ];
    expect(headroomScorer.score(both, exampleRequest({ stage: 'prefill' }))).toEqual([0.8, 0.4]);
    expect(headroomScorer.score(both, exampleRequest({ stage: 'decode' }))).toEqual([0.4, 0.8]);
  });

  it('rates by what is its own: what a row has left parts nobody, what a server has left does', () => {
    const at = (level: 'row' | 'server') => ({
      headroom: { ...conservativeHeadroom(1), powerShare: 0.5, binding: { level, id: 'one' } },
    });
    const [row, server] = headroomScorer.score(
      [exampleInstance('row', at('row')), exampleInstance('server', at('server'))],
      exampleRequest(),
    );
    expect([row, server]).toEqual([1, 0.5]);
  });
});
