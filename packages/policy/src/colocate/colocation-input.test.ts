import { describe, expect, it } from '@jest/globals';
import { linearProfile, type ModelProfile, type ProfileEntry } from '@isotherm/kernel';
import { colocationInput, type Traffic } from './colocation-input.ts';

const entry = (
  stage: ProfileEntry['stage'],
  gpus: number,
  cost: Parameters<typeof linearProfile>[1],
): ProfileEntry => ({
  ...linearProfile(
    {
      ...{ stage, model: 'm', hardware: 'h', gpus, precision: 'bf16', batchMax: 8 },
      ...{ source: 's', bytesPerToken: 1000 },
    },
    cost,
  ),
  ...{ name: `${stage}-${gpus}`, startS: 1, load: [] },
});

const profile: ModelProfile = {
  ...{ name: 'p', model: 'm', reading: 'decoder-only', sources: [] },
  shape: { contextMaxTokens: 9000, imageTokens: 100, hiddenSize: 1, kvBytesPerToken: 1 },
  stages: [
    entry('encode', 1, { tokenMs: 0.2 }),
    entry('prefill', 1, { tokenMs: 0.1 }),
    entry('decode', 1, { fixedMs: 10, eachMs: 1 }),
  ],
};

const traffic: Traffic = {
  ...{ requestsPerS: 10, mediaPerRequest: 2, mediaTokens: 100, textTokens: 50, answerTokens: 20 },
  ...{ firstTokenMs: 900, tokenMs: 14.5 },
};
const fabric = { serverSize: 8, bytesPerS: 1e6 };

describe('what a plan of colocation is made from', () => {
  it('is loads, units and capacities by a profile', () => {
    const input = colocationInput(profile, traffic, fabric);
    expect(input.loads).toEqual({ encode: 2000, prefill: 2500, decode: 200 });
    expect([input.embeddingMs, input.kvCacheMs]).toEqual([200, 250]);
    expect(input.choices.map(({ entry: name, size, unitMs }) => [name, size, unitMs])).toEqual([
      ...[
        ['encode-1', 1, expect.closeTo(20)],
        ['prefill-1', 1, expect.closeTo(25)],
      ],
      // The profile has batches of one and two.
      ['decode-1', 1, expect.closeTo(12)],
    ]);
    const [encode, prefill, decode] = input.choices.map((choice) => choice.capacityTokensPerS);
    // 5,000 and 10,000 tokens a second at most; four sequences take 14 ms a step.
    expect(encode).toBeGreaterThan(4300);
    expect(encode).toBeLessThan(5000);
    expect(prefill).toBeGreaterThan(8500);
    expect(prefill).toBeLessThan(10_000);
    expect(decode).toBeCloseTo(4000 / 14);
  });

  it('has no larger batches than whose contexts fit into memory', () => {
    const [encode, prefill, decode] = profile.stages;
    if (encode === undefined || prefill === undefined || decode === undefined) throw new Error();
    // Contexts of 250 tokens: two of them fit, and a step of two takes 12 ms.
    const stages = [encode, prefill, { ...decode, kvTokensMax: 600 }];
    const input = colocationInput({ ...profile, stages }, traffic, fabric);
    expect(input.choices[2]?.capacityTokensPerS).toBeCloseTo(2000 / 12);
  });

  it('is the text alone for prompts with cross-attention', () => {
    const crossed = { ...profile, reading: 'cross-attention' as const };
    const input = colocationInput(crossed, traffic, fabric);
    expect(input.loads.prefill).toBe(500);
    expect(input.kvCacheMs).toBe(50);
  });

  it('leaves encoders without traffic where there are no media', () => {
    const input = colocationInput(profile, { ...traffic, mediaPerRequest: 0 }, fabric);
    expect([input.loads.encode, input.embeddingMs]).toEqual([0, 0]);
  });
});
