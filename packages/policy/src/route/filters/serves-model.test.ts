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

  it('drops an instance that takes the work in another form', () => {
    const words = exampleInstance('a', { takes: 'conversation' });
    expect(servesModelFilter.keeps(words, exampleRequest())).toBe(false);
    expect(servesModelFilter.keeps(words, exampleRequest({ takes: 'conversation' }))).toBe(true);
    expect(
      servesModelFilter.keeps(exampleInstance('a'), exampleRequest({ takes: 'conversation' })),
    ).toBe(false);
  });
});
