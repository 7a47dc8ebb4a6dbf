import { describe, expect, it } from '@jest/globals';
import { exampleInstance, exampleRequest } from '../example-instance.ts';
import { notExcludedFilter } from './not-excluded.ts';

describe('not-excluded', () => {
  it('keeps an instance that can do the work', () => {
    expect(notExcludedFilter.keeps(exampleInstance('a'), exampleRequest())).toBe(true);
  });

  it('drops an instance that already failed at this work', () => {
    expect(
      notExcludedFilter.keeps(
        exampleInstance('a'),
        exampleRequest({ excluded: new Set([exampleInstance('a').id]) }),
      ),
    ).toBe(false);
  });
});
