import { expect, it } from '@jest/globals';
import { linearCost } from '../stations/stage-cost.ts';
import { sloTarget } from './slo-target.ts';

const asked = { media: 5, mediumTokens: 100, promptTokens: 200, answerTokens: 40 };
const fixed = { ttftMs: 1000, tbtMs: 50 };

it('is the same for all where times are given', () => {
  expect(sloTarget(fixed, asked)).toMatchObject(fixed);
});

it('is so many times what a request takes alone', () => {
  const costs = {
    encode: linearCost({ fixedMs: 2, tokenMs: 0.05 }, { batchMax: 4 }),
    prefill: linearCost({ fixedMs: 10, tokenMs: 0.05 }, { batchMax: 8 }),
    decode: linearCost({ fixedMs: 20, tokenMs: 0.01 }, { batchMax: 32 }),
  };
  const target = sloTarget({ ...fixed, alone: { ttftTimes: 3, tbtTimes: 2, costs } }, asked);
  // Four pictures and one more: 2 + 20 and 2 + 5; a prompt of 10 + 10; steps of 20 + 2.2.
  expect(target.ttftMs).toBeCloseTo(3 * (29 + 20), 9);
  expect(target.encodeShare).toBeCloseTo(29 / 49, 9);
  expect(target.tbtMs).toBeCloseTo(2 * 22.2, 9);
});
