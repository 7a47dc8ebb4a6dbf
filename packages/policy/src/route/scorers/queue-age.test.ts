import { describe, expect, it } from '@jest/globals';
import { exampleInstance, exampleRequest } from '../example-instance.ts';
import { queueAgeScorer } from './queue-age.ts';

describe('queue-age', () => {
  it('falls with the age of the oldest work, down to zero', () => {
    const ages = [undefined, 0, 20, 1000, 2000, 1e9];
    const instances = ages.map((queueAgeMs, index) =>
      exampleInstance(`${index}`, queueAgeMs === undefined ? {} : { queueAgeMs }),
    );
    expect(queueAgeScorer.score(instances, exampleRequest())).toEqual([1, 1, 0.99, 0.5, 0, 0]);
  });
});
