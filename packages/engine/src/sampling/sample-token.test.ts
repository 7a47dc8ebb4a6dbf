import { describe, expect, it } from '@jest/globals';
import { seededRandom } from '@isotherm/kernel';
import fc from 'fast-check';
import { argmax, sampleToken } from './sample-token.ts';

const greedy = { temperature: 0, topP: 1, seed: 0 };

describe('argmax', () => {
  it('takes the first of equal maxima', () => {
    expect(argmax(Float32Array.of(1, 3, 3, 2))).toBe(1);
  });

  it('refuses logits without a finite maximum', () => {
    expect(() => argmax(Float32Array.of(Number.NaN, Number.NaN))).toThrow(/no finite logits/);
    expect(() => argmax(Float32Array.of(1, Infinity))).toThrow(/no finite logits/);
    expect(() => argmax(new Float32Array(0))).toThrow(/no finite logits/);
  });
});

describe('sampleToken', () => {
  const logitsOf = (seed: number, count = 200): Float32Array => {
    const random = seededRandom(seed);
    return Float32Array.from({ length: count }, () => 6 * random() - 3);
  };

  it('is greedy at temperature 0, whatever the seed', () => {
    const logits = logitsOf(1);
    for (let seed = 0; seed < 10; seed++) {
      expect(sampleToken(logits, { ...greedy, seed }, seed)).toBe(argmax(logits));
    }
  });

  it('is a pure function of logits, sampling and token index', () => {
    fc.assert(
      fc.property(
        fc.nat(),
        fc.nat(1000),
        fc.double({ min: 0.05, max: 1, noNaN: true }),
        (seed, index, topP) => {
          const sampling = { temperature: 1.3, topP, seed };
          expect(sampleToken(logitsOf(7), sampling, index)).toBe(
            sampleToken(logitsOf(7), sampling, index),
          );
        },
      ),
    );
  });

  it('never leaves the nucleus: the fewest tokens whose probabilities reach topP', () => {
    fc.assert(
      fc.property(
        fc.nat(),
        fc.double({ min: 0.01, max: 0.99, noNaN: true }),
        fc.nat(500),
        (seed, topP, index) => {
          const logits = logitsOf(seed, 50);
          const weights = Array.from(logits, (logit) => Math.exp(logit));
          const total = weights.reduce((sum, weight) => sum + weight, 0);
          const token = sampleToken(logits, { temperature: 1, topP, seed }, index);
          const likelier = weights.filter((weight) => weight > (weights[token] ?? 0));
          const mass = likelier.reduce((sum, weight) => sum + weight, 0) / total;
          expect(mass).toBeLessThan(topP + 1e-9);
        },
      ),
    );
  });

  it('follows the distribution over many token indices', () => {
    const logits = Float32Array.of(Math.log(0.5), Math.log(0.3), Math.log(0.2));
    const counts = [0, 0, 0];
    for (let index = 0; index < 20_000; index++) {
      const token = sampleToken(logits, { temperature: 1, topP: 1, seed: 5 }, index);
      counts[token] = (counts[token] ?? 0) + 1;
    }
    [0.5, 0.3, 0.2].forEach((share, token) => {
      expect(Math.abs((counts[token] ?? 0) / 20_000 - share)).toBeLessThan(0.015);
    });
  });

  it('renormalises inside the nucleus', () => {
    const logits = Float32Array.of(Math.log(0.6), Math.log(0.3), Math.log(0.1));
    let second = 0;
    for (let index = 0; index < 10_000; index++) {
      const token = sampleToken(logits, { temperature: 1, topP: 0.85, seed: 9 }, index);
      expect(token).not.toBe(2);
      second += token;
    }
    expect(Math.abs(second / 10_000 - 1 / 3)).toBeLessThan(0.02);
  });

  it('goes over to greedy as the temperature falls', () => {
    const logits = Float32Array.of(1, 2, 1.5);
    for (let index = 0; index < 100; index++) {
      expect(sampleToken(logits, { temperature: 0.001, topP: 1, seed: 3 }, index)).toBe(1);
    }
  });
});
