import { describe, expect, it } from '@jest/globals';
import type { Arrival, ArrivalSource } from './arrival.ts';
import { mergedArrivals } from './merged-arrivals.ts';

/** Writes over what it gave before, as sources may. */
const sourceOf = (textTokens: number, ...times: readonly number[]): ArrivalSource => {
  const left = [...times];
  const arrival = { atMs: 0, textTokens, media: 0, mediumTokens: 0, answerTokens: 1 };
  return {
    next: (): Arrival | undefined => {
      const atMs = left.shift();
      return atMs === undefined ? undefined : Object.assign(arrival, { atMs });
    },
  };
};

const all = (source: ArrivalSource): readonly (readonly [number, number])[] => {
  const seen: (readonly [number, number])[] = [];
  for (let next = source.next(); next !== undefined; next = source.next()) {
    seen.push([next.atMs, next.textTokens]);
  }
  return seen;
};

describe('several sources as one', () => {
  it('gives all requests in the order of time', () => {
    const merged = mergedArrivals([sourceOf(1, 10, 40, 50), sourceOf(2, 20, 30), sourceOf(3)]);
    expect(all(merged)).toEqual([
      ...[
        [10, 1],
        [20, 2],
        [30, 2],
        [40, 1],
        [50, 1],
      ],
    ]);
  });

  it('gives those of the first where two come at once', () => {
    expect(all(mergedArrivals([sourceOf(1, 10), sourceOf(2, 10)]))).toEqual([
      [10, 1],
      [10, 2],
    ]);
  });
});
