import { expect, it } from '@jest/globals';
import { summaryLines } from './summary-lines.ts';

it('tells one, saturation and energy of each size', () => {
  const about = { model: 'm', hardware: 'cpu', gpus: 0, threads: 2, precision: 'fp32' };
  const lines = summaryLines(
    {
      ...{ name: 'm', model: 'Model', reading: 'decoder-only', sources: [] },
      shape: { contextMaxTokens: 1, imageTokens: 1, hiddenSize: 1, kvBytesPerToken: 1 },
      stages: [
        {
          ...{ ...about, name: 'decode-fp32-2t', stage: 'decode', batchMax: 4, source: 's' },
          ...{ startS: 0.54, load: [] },
          points: [
            { batch: 1, tokens: 32, latencyMs: 10, powerW: 40 },
            { batch: 4, tokens: 32, latencyMs: 20, powerW: 50 },
          ],
        },
      ],
    },
    'a.yaml',
  );
  expect(lines[0]).toBe('Model on this machine:');
  expect(lines[3]).toMatch(/^decode-fp32-2t +32 +10\.00 +batch 4 +200 +0\.250 +0\.5$/);
  expect(lines.at(-1)).toContain('ISOTHERM_PROFILE_FILE=a.yaml');
});
