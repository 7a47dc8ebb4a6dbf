import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readSettings, silentLogger } from '@isotherm/runtime';
import { startEmbedded } from './embedded.ts';
import { embeddedSettings } from './settings.ts';

const onePixel =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const answerTokens = 12;

const entry = (stage: string, name: string, latencyMs: number): string =>
  `  - { name: ${name}, stage: ${stage}, hardware: h100-sxm, gpus: 1, precision: bf16, batch_max: 4,
      start_s: 1, source: test, points: [{ batch: 1, tokens: 0, latency_ms: ${latencyMs} }] }`;

/** What stages of a large model on GPUs that are not here take, in milliseconds. */
const profile = `
name: large
model: Large
reading: decoder-only
sources: [{ id: test, kind: assumed, text: a test }]
shape: { context_max_tokens: 20000, image_tokens: 500, hidden_size: 8192, kv_bytes_per_token: 327680 }
stages:
${entry('encode', 'encode-1', 20)}
${entry('encode', 'encode-slow', 300)}
${entry('prefill', 'prefill-1', 200)}
${entry('decode', 'decode-1', 25)}
`;

interface Answer {
  readonly usage: { readonly prompt_tokens: number };
  readonly isotherm: { readonly stages: readonly { stage: string; engine_ms: number }[] };
}

describe('a stack that stands in for GPUs', () => {
  let folder: string;
  let file: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'isotherm-stand-in-'));
    file = join(folder, 'large.yaml');
    await writeFile(file, profile);
  });
  afterAll(() => rm(folder, { recursive: true }));

  const ask = async (entries: string): Promise<Answer> => {
    const environment = {
      ISOTHERM_ENGINE: 'profile',
      ISOTHERM_PROFILE: `{"answerTokens":${answerTokens}}`,
      ISOTHERM_PROFILE_FILE: file,
      ISOTHERM_PROFILE_ENTRIES: entries,
    };
    const service = await startEmbedded(
      readSettings(embeddedSettings, environment),
      silentLogger(),
    );
    try {
      const url = `data:image/png;base64,${onePixel}`;
      const content = [
        { type: 'image_url', image_url: { url } },
        { type: 'text', text: 'Which rack?' },
      ];
      const response = await fetch(`${String(service.facts['http'])}/v1/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ messages: [{ role: 'user', content }] }),
      });
      expect(response.status).toBe(200);
      return (await response.json()) as Answer;
    } finally {
      await service.stop();
    }
  };

  it('takes the times of its file, entry by entry', async () => {
    const first = await ask('');
    const slow = await ask('encode-slow');
    const msOf = ({ isotherm: { stages } }: Answer, stage: string): number =>
      stages.find((each) => each.stage === stage)?.engine_ms ?? 0;
    expect(first.usage.prompt_tokens).toBeGreaterThan(500);
    expect(msOf(first, 'prefill')).toBeGreaterThanOrEqual(199);
    expect(msOf(first, 'encode')).toBeGreaterThanOrEqual(19);
    expect(msOf(slow, 'encode')).toBeGreaterThanOrEqual(299);
    // The device's time, a timer's lateness aside, for each token but the first.
    expect(msOf(first, 'decode')).toBeGreaterThanOrEqual(25 * (answerTokens - 1) - 2);
  });

  it('does not start where the file is none, and says all that is wrong', async () => {
    await writeFile(file, profile.replace('20000', '0').replace('decoder-only', 'x'));
    await expect(ask('')).rejects.toThrow(/reading: must be.*\n.*context_max_tokens: must be/);
  });
});
