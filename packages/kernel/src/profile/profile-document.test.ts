import { expect, it } from '@jest/globals';
import { checkModelProfile } from './check-model-profile.ts';
import { exampleProfile } from './example-profile.ts';
import type { ModelProfile } from './model-profile.ts';
import { profileDocument } from './profile-document.ts';

const checked = (value: unknown): ModelProfile => {
  const result = checkModelProfile(value);
  if (result.kind === 'ok') return result.profile;
  throw new Error(JSON.stringify(result.problems));
};

it('a written profile reads as what it was', () => {
  const full = {
    ...{ threads: 2, tokens_max: 4096, kv_tokens_max: 9000, bytes_per_token: 256, idle_w: 61 },
    ...{ clock_fixed_share: 0.25, media_token_share: 0.5, source: 'guess' },
    points: [{ batch: 1, tokens: 0, latency_ms: 0.0123, power_w: 250, source: 'bench' }],
  };
  const example = exampleProfile();
  const document = {
    ...{ ...example, quality: 0.578 },
    stages: example.stages.map((stage, index) => (index === 2 ? { ...stage, ...full } : stage)),
  };
  const profile = checked(document);
  expect(profileDocument(profile)).toEqual(document);
  expect(checked(profileDocument(profile))).toEqual(profile);
});
