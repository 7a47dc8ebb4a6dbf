import { expect, it } from '@jest/globals';
import { linearProfile, type StageProfile } from '@isotherm/kernel';
import { servedTokensPerS } from './served-load.ts';

const about: Omit<StageProfile, 'points'> = {
  ...{ stage: 'decode', model: 'm', hardware: 'h', gpus: 1, precision: 'bf16' },
  ...{ batchMax: 8, source: 'a test' },
};
const cost = { fixedMs: 10, eachMs: 1 };

it('is busy time times what a batch of that size does, over all instances', () => {
  const decode = linearProfile(about, cost);
  const uses = [
    { busyShare: 0.5, meanBatch: 1 },
    { busyShare: 1, meanBatch: 8 },
    { busyShare: 0, meanBatch: 0 },
  ];
  expect(servedTokensPerS(decode, 100, uses)).toBeCloseTo(500 / 11 + 8000 / 18);
  const encode = linearProfile({ ...about, stage: 'encode' }, cost);
  expect(servedTokensPerS(encode, 100, [{ busyShare: 0.5, meanBatch: 2 }])).toBeCloseTo(
    100_000 / 12,
  );
});

it('believes no instance to be busier than always, nor larger than its batch', () => {
  const decode = linearProfile(about, cost);
  expect(servedTokensPerS(decode, 100, [{ busyShare: 3, meanBatch: 99 }])).toBeCloseTo(8000 / 18);
});

it('takes a slowed instance for no busier than it would be at full clock', () => {
  const decode = linearProfile(about, cost);
  const slowed = { busyShare: 1, meanBatch: 8, clockShare: 0.5 };
  expect(servedTokensPerS(decode, 100, [slowed])).toBeCloseTo(4000 / 18);
});
