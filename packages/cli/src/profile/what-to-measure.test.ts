import { expect, it } from '@jest/globals';
import { gridFor } from './what-to-measure.ts';

it('prompts and contexts end where an answer still has room', () => {
  expect(gridFor({ contextMax: 512 }, false)).toMatchObject({
    promptTokens: [16, 64, 256, 384],
    contextTokens: [32, 256, 384],
  });
  expect(gridFor({ contextMax: 131_072 }, false).promptTokens).toEqual([16, 64, 256, 1024, 2048]);
  expect(gridFor({ contextMax: 131_072 }, true).promptTokens).toEqual([16, 128]);
  expect(gridFor({ contextMax: 10 }, true).contextTokens).toEqual([7]);
});
