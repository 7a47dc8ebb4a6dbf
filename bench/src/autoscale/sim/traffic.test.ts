import { describe, expect, it } from '@jest/globals';
import { pieceTokens } from './piece-tokens.ts';
import { trafficOf } from './traffic.ts';

describe('traffic where the data are missing', () => {
  it('is drawn, as long as it has to be, the same from the same seed', () => {
    const traffic = trafficOf({ name: 'conversation', copies: 1, hoursMax: 0.25 });
    const times = (seed: number): readonly number[] => {
      const source = traffic.arrivals(seed);
      const all: number[] = [];
      for (let one = source.next(); one !== undefined; one = source.next()) all.push(one.atMs);
      return all;
    };
    const first = times(1);
    expect(traffic.durationMs).toBe(900_000);
    expect(first.length).toBeGreaterThan(2500);
    expect(first.at(-1)).toBeLessThan(900_000);
    expect(times(1)).toEqual(first);
    expect(times(2)).not.toEqual(first);
  });

  it('has pictures where it is of pictures', () => {
    const source = trafficOf({ name: 'images', copies: 1, hoursMax: 0.1 }).arrivals(1);
    const tokens = pieceTokens(source, 'decoder-only');
    expect(tokens.encode).toBe(600);
    expect(tokens.prefill).toBeGreaterThan(600);
    expect(tokens.decode).toBeGreaterThan(tokens.prefill);
  });
});
