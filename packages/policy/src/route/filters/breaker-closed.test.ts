import { describe, expect, it } from '@jest/globals';
import { exampleInstance, exampleRequest } from '../example-instance.ts';
import { breakerClosedFilter } from './breaker-closed.ts';

describe('breaker-closed', () => {
  it('drops only an instance whose breaker lets nothing through', () => {
    const keeps = (different: Parameters<typeof exampleInstance>[1]): boolean =>
      breakerClosedFilter.keeps(exampleInstance('i', different), exampleRequest());
    expect([keeps({}), keeps({ tripped: false }), keeps({ tripped: true })]).toEqual([
      ...[true, true, false],
    ]);
  });
});
