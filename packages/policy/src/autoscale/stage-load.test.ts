import { expect, it } from '@jest/globals';
import { stages } from '@isotherm/kernel';
import { stageLoad } from './stage-load.ts';

const rates = { textTokensPerS: 100, mediaTokensPerS: 1000, generatedTokensPerS: 10 };

it('is media for encoders, the prompt by architecture for prefill, the answer for decode', () => {
  const of = (reading: 'decoder-only' | 'cross-attention') =>
    stages.map((stage) => stageLoad(stage, reading, rates));
  expect(of('decoder-only')).toEqual([1000, 1100, 10, 1110]);
  expect(of('cross-attention')).toEqual([1000, 100, 10, 1110]);
});
