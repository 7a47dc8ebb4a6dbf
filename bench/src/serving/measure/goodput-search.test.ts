import { describe, expect, test } from '@jest/globals';
import {
  goodputOf,
  heard,
  isBounded,
  nextRate,
  type RateGrid,
  ratesOf,
  startSearch,
} from './goodput-search.ts';

const grid: RateGrid = { lowest: 2, ratio: 1.5, steps: 9 };

/** Runs a search against a system that holds up to a rate; gives what it found and how often it asked. */
const find = (limit: number): { goodput: number; bounded: boolean; tries: number } => {
  let search = startSearch(grid);
  let tries = 0;
  for (let rate = nextRate(search); rate !== undefined; rate = nextRate(search)) {
    search = heard(search, rate, rate <= limit);
    tries += 1;
  }
  return { goodput: goodputOf(search), bounded: isBounded(search), tries };
};

describe('the search for goodput', () => {
  test.each(ratesOf(grid).map((rate) => [rate]))('finds %d', (rate) => {
    expect(find(rate + 1e-6).goodput).toBe(rate);
    expect(find(rate * 1.49).goodput).toBe(rate);
  });

  test('says 0 where no rate holds', () => {
    expect(find(1)).toEqual({ goodput: 0, bounded: true, tries: 3 });
  });

  test('says where the highest rate holds that it may be more', () => {
    expect(find(1e9)).toMatchObject({ goodput: ratesOf(grid).at(-1), bounded: false });
  });

  test('asks a system about as often as the number of rates has digits in base 2', () => {
    for (const rate of ratesOf(grid)) expect(find(rate).tries).toBeLessThanOrEqual(4);
  });
});
