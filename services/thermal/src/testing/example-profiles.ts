import type { ModelProfile, ProfileEntry } from '@isotherm/kernel';

/** Prefill and decode of a model on eight H100, in two precisions: fp8 does half as much again with less power. */
export const exampleProfile = (
  different: Partial<ModelProfile> = {},
  entries: Partial<ProfileEntry> = {},
): ModelProfile => ({
  ...{ name: 'panel', model: 'Panel', reading: 'decoder-only', quality: 0.6 },
  sources: [{ id: 'test', kind: 'assumed', text: 'a test' }],
  shape: { contextMaxTokens: 4096, imageTokens: 64, hiddenSize: 128, kvBytesPerToken: 2048 },
  stages: (['prefill', 'decode'] as const).flatMap((stage) => [
    entryOf(`${stage}-bf16`, stage, 'bf16', [60, 4200], entries),
    entryOf(`${stage}-fp8`, stage, 'fp8', [40, 3000], entries),
  ]),
  ...different,
});

const entryOf = (
  name: string,
  stage: 'prefill' | 'decode',
  precision: string,
  [latencyMs, powerW]: readonly [number, number],
  different: Partial<ProfileEntry>,
): ProfileEntry => ({
  ...{ name, stage, precision, model: 'Panel', hardware: 'h100-sxm', gpus: 8 },
  ...{ batchMax: 8, startS: 1, source: 'test', load: [] },
  points: [
    { batch: 1, tokens: 320, latencyMs: latencyMs / 2, powerW: powerW * 0.8 },
    { batch: 8, tokens: 320, latencyMs, powerW },
  ],
  ...different,
});
