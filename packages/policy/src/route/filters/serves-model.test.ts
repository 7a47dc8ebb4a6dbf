import { describe, expect, it } from '@jest/globals';
import { exampleInstance, exampleRequest } from '../example-instance.ts';
import { servesModelFilter } from './serves-model.ts';

describe('serves-model', () => {
  it('keeps an instance that can do the work', () => {
    expect(servesModelFilter.keeps(exampleInstance('a'), exampleRequest())).toBe(true);
  });

  it('drops an instance of another model', () => {
    expect(
      servesModelFilter.keeps(exampleInstance('a', { model: 'other' }), exampleRequest()),
    ).toBe(false);
  });
});
