import { describe, expect, it } from '@jest/globals';
import { exampleInstance, exampleRequest } from '../example-instance.ts';
import { readyFilter } from './ready.ts';

describe('ready', () => {
  it('keeps an instance that can do the work', () => {
    expect(readyFilter.keeps(exampleInstance('a'), exampleRequest())).toBe(true);
  });

  it('drops an instance that is draining or out of reach', () => {
    expect(readyFilter.keeps(exampleInstance('a', { ready: false }), exampleRequest())).toBe(false);
  });
});
