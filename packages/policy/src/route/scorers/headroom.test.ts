import { describe, expect, it } from '@jest/globals';
import { exampleInstance, exampleRequest } from '../example-instance.ts';
import { headroomScorer } from './headroom.ts';

describe('headroom', () => {
  it('is what is known of it, within its bounds; what is unknown is in the middle', () => {
    const instances = [
      ...[exampleInstance('unknown'), exampleInstance('hot', { headroom: 0 })],
      ...[exampleInstance('cool', { headroom: 0.9 }), exampleInstance('odd', { headroom: 7 })],
    ];
    expect(headroomScorer.score(instances, exampleRequest())).toEqual([0.5, 0, 0.9, 1]);
  });
});
