import { expect, it } from '@jest/globals';
import { linearProfile } from '@isotherm/kernel';
import { profileCost } from './profile-cost.ts';
import { linearCost, stretchOf } from './stage-cost.ts';

const lines = { fixedMs: 7, eachMs: 2, tokenMs: 0.5 };
const limits = { batchMax: 4, tokensMax: 100, clockFixedShare: 0.4 };
const cost = linearCost(lines, limits);

it('a cost of straight lines is the one of its profile', () => {
  const profile = linearProfile(
    {
      ...{ stage: 'prefill', model: 'm', hardware: 'h', gpus: 1, precision: 'bf16' },
      ...{ ...limits, source: 'a test' },
    },
    lines,
  );
  const { timeMs, ...others } = profileCost(profile);
  expect(others).toEqual(limits);
  for (const [batch, tokens] of [
    [1, 10],
    [3, 5000],
  ] as const) {
    expect(timeMs(batch, tokens)).toBeCloseTo(cost.timeMs(batch, tokens), 6);
  }
});

it('a lower clock stretches what follows it', () => {
  expect([stretchOf(cost, 1), stretchOf(cost, 0.5)]).toEqual([1, 1.6]);
  expect(stretchOf(cost, 0)).toBeLessThan(Infinity);
});
