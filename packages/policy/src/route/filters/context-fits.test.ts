import { describe, expect, it } from '@jest/globals';
import { exampleInstance, exampleRequest } from '../example-instance.ts';
import { contextFitsFilter } from './context-fits.ts';

describe('context-fits', () => {
  it('keeps an instance that can do the work', () => {
    expect(contextFitsFilter.keeps(exampleInstance('a'), exampleRequest())).toBe(true);
  });

  it('drops an instance whose context is one token too short', () => {
    expect(
      contextFitsFilter.keeps(exampleInstance('a', { contextMax: 99 }), exampleRequest()),
    ).toBe(false);
  });
});
