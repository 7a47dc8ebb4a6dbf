import { describe, expect, it } from '@jest/globals';
import { createThrottleGrowth } from './throttle-growth.ts';

describe('throttling by counters', () => {
  it('is what grew since the last look, for each GPU', () => {
    const growth = createThrottleGrowth();
    expect(growth.since('a', { thermal: 10, power: 5 })).toBe(0);
    expect(growth.since('a', { thermal: 10, power: 5 })).toBe(0);
    expect(growth.since('a', { thermal: 11, power: 5 })).toBe(0x20);
    expect(growth.since('a', { thermal: 11, power: 9 })).toBe(0x4);
    expect(growth.since('a', { thermal: 12, power: 10 })).toBe(0x24);
    expect(growth.since('b', { thermal: 99, power: 99 })).toBe(0);
  });

  it('is nothing where counters began anew or are missing', () => {
    const growth = createThrottleGrowth();
    growth.since('a', { thermal: 100, power: undefined });
    expect(growth.since('a', { thermal: 1, power: 7 })).toBe(0);
    expect(growth.since('a', { thermal: undefined, power: Number.NaN })).toBe(0);
  });
});
