import { describe, expect, it } from '@jest/globals';
import { checkModelProfile, profileDocument } from '@isotherm/kernel';
import { deriveServingProfiles } from './derive-serving.ts';
import { parseServingPoints, servingLine, type ServingPoint } from './serving-lines.ts';

const point = (sequences: number, different: Partial<ServingPoint> = {}): ServingPoint => ({
  ...{ task: 'image-chat', modelId: 'a/B-1', nickname: 'B 1', gpu: 'H100', gpus: 2 },
  ...{ precision: 'bfloat16', sequences, tokenMs: 10 + 0.1 * sequences },
  powerW: 800 + 50 * Math.log2(sequences),
  ...different,
});

describe('lines of served models', () => {
  it('find the step, the sequence and the watts', () => {
    expect(servingLine([8, 16, 64, 256].map((each) => point(each)))).toEqual({
      stepMs: expect.closeTo(10, 6),
      sequenceMs: expect.closeTo(0.1, 6),
      powerW: expect.closeTo(800, 6),
      doublingW: expect.closeTo(50, 6),
      sequencesMax: 256,
      timeErrorShare: expect.closeTo(0, 6),
      powerErrorShare: expect.closeTo(0, 6),
    });
  });

  it('are not drawn through two batches, nor where time falls', () => {
    expect(servingLine([8, 8.2, 16].map((each) => point(each)))).toBeUndefined();
    const falling = [8, 16, 64].map((each) => point(each, { tokenMs: 100 / each }));
    expect(servingLine(falling)).toBeUndefined();
  });

  it('become a profile for each model, with an entry for each choice of hardware', () => {
    const batches = [8, 16, 64];
    const derived = deriveServingProfiles([
      ...batches.map((each) => point(each)),
      ...batches.map((each) => point(each, { gpu: 'B200', gpus: 1 })),
      ...batches.map((each) => point(each, { precision: 'fp8', nickname: 'B 1 FP8' })),
    ]);
    expect(derived.map(({ profile }) => profile.name)).toEqual(['b-1-bfloat16', 'b-1-fp8']);
    expect(derived[0]?.profile.stages.map(({ name }) => name)).toEqual([
      ...['decode-h100-sxm-2', 'decode-b200-1'],
    ]);
    for (const { profile } of derived) {
      expect(checkModelProfile(profileDocument(profile))).toMatchObject({ kind: 'ok' });
    }
  });
});

it('configurations without a time a token are left out', () => {
  const row = { nickname: 'B', model_id: 'b', gpu_model: 'H100', num_gpus: 1 };
  const whole = { ...row, avg_batch_size: 8, median_itl_ms: 9, avg_power_watts: 500 };
  const text = JSON.stringify({ task: 't', configurations: [row, whole] });
  expect(parseServingPoints(text)).toEqual([expect.objectContaining({ sequences: 8, tokenMs: 9 })]);
});
