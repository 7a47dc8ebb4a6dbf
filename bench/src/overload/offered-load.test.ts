import { expect, test } from '@jest/globals';
import { seededRandom } from '@isotherm/kernel';
import { offeredLoad } from './offered-load.ts';

test('arrivals come in order, at the rates that are offered', () => {
  const offers = [
    { tenant: 'a', sloClass: 'batch' as const, perS: 100 },
    { tenant: 'b', sloClass: 'interactive' as const, perS: 20 },
  ];
  const arrivals = offeredLoad(offers, 20_000, seededRandom(7));
  const times = arrivals.map(({ atMs }) => atMs);
  expect(times).toEqual(times.toSorted((one, other) => one - other));
  const count = (tenant: string): number =>
    arrivals.filter(({ offer }) => offer.tenant === tenant).length;
  expect(Math.abs(count('a') - 2000)).toBeLessThan(200);
  expect(Math.abs(count('b') - 400)).toBeLessThan(80);
});
