import { describe, expect, it } from '@jest/globals';
import { initialPools, initialReplicas } from './initial-size.ts';

const settings = {
  ...{ replicasMin: 1, replicasMax: 20, warmSpares: 1, historyShare: 0.5, replicasUnknown: 8 },
};

describe('how many instances to begin with', () => {
  it('is what the median load of the past needs, and the spares', () => {
    expect(initialReplicas([100, 900, 450], 100, settings)).toBe(6);
    expect(initialReplicas([100, 900, 450], 100, { ...settings, historyShare: 1 })).toBe(10);
    expect(initialReplicas([100, 900, 450], 100, { ...settings, historyShare: 0 })).toBe(2);
    expect(initialReplicas([1e6], 100, settings)).toBe(20);
    expect(initialReplicas([0], 100, { ...settings, warmSpares: 0 })).toBe(1);
  });

  it('is plenty where nothing is known', () => {
    expect(initialReplicas([], 100, settings)).toBe(8);
    expect(initialReplicas([100], 0, settings)).toBe(8);
    expect(initialReplicas([], 100, { ...settings, replicasMax: 4 })).toBe(4);
  });

  it('is a text instance for as many image instances as a request has pictures', () => {
    expect(initialPools({ imagesPerS: 40, encodeS: 0.3, imagesPerRequest: 4 })).toEqual({
      ...{ image: 12, text: 3 },
    });
    expect(initialPools({ imagesPerS: 0, encodeS: 0.3, imagesPerRequest: 0 })).toEqual({
      ...{ image: 1, text: 1 },
    });
  });
});
