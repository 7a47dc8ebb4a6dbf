import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { agedTokens } from './aged-tokens.ts';

const aging = { freshMs: 1000, halfLifeMs: 500 };

describe('a reported load', () => {
  it('counts whole while it is fresh, and halves with each half-life after that', () => {
    const ages = [0, 1000, 1500, 2000, 1e9];
    expect(ages.map((ageMs) => agedTokens(80, ageMs, aging))).toEqual([80, 80, 40, 20, 0]);
  });

  it('never grows with its age, and is never below zero (property)', () => {
    const age = fc.double({ min: 0, max: 1e12, noNaN: true });
    fc.assert(
      fc.property(fc.nat(), age, age, (tokens, a, b) => {
        const [earlier, later] = [Math.min(a, b), Math.max(a, b)];
        const faded = agedTokens(tokens, later, aging);
        return faded >= 0 && faded <= agedTokens(tokens, earlier, aging);
      }),
    );
  });
});
