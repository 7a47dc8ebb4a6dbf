import { describe, expect, it } from '@jest/globals';
import type { ModelProfile, ProfileEntry } from '@isotherm/kernel';
import { profileLoads } from './profile-loads.ts';

const entry = (name: string, different: Partial<ProfileEntry> = {}): ProfileEntry => ({
  ...{ name, stage: 'decode', model: 'Small 1B', hardware: 'h100-sxm', gpus: 1, load: [] },
  ...{ precision: 'bf16', batchMax: 8, startS: 20, source: 'bench' },
  points: [{ batch: 1, tokens: 0, latencyMs: 10 }],
  ...different,
});

const profile = (name: string, stages: readonly ProfileEntry[]): ModelProfile => ({
  ...{ name, model: 'Small 1B', reading: 'decoder-only', stages },
  sources: [{ id: 'bench', kind: 'measured', text: 'a test' }],
  shape: { contextMaxTokens: 4096, imageTokens: 64, hiddenSize: 128, kvBytesPerToken: 2048 },
});

const small = profile('small', [
  entry('decode'),
  entry('decode-8', {
    ...{ precision: 'fp8', batchMax: 16, startS: 30 },
    points: [{ batch: 1, tokens: 0, latencyMs: 6 }],
  }),
  entry('decode-2', { precision: 'int4', gpus: 2 }),
  entry('encode', { stage: 'encode', precision: 'int8' }),
]);
const tiny = profile('tiny', [entry('decode', { batchMax: 64, startS: 5 })]);

const loadsOf = () => {
  const waitedMs: number[] = [];
  const loads = profileLoads([small, tiny], 'decode', {
    names: [],
    optionsOf: (batches) => ({ contextMax: 4096, ...batches }),
    wait: async (ms) => waitedMs.push(ms),
  });
  return { loads, waitedMs };
};

describe('what an instance that stands in for hardware can load', () => {
  it('is what its profiles have for its stage on its hardware', () => {
    const { loads } = loadsOf();
    expect(loads.variant).toEqual({ model: 'small', precision: 'bf16', threads: 1 });
    expect(loads.loadable.map(({ model, precision }) => `${model} ${precision}`)).toEqual([
      ...['small bf16', 'small fp8', 'tiny bf16'],
    ]);
  });

  it('takes as long as the entry says, but for what it begins with', async () => {
    const { loads, waitedMs } = loadsOf();
    await loads.load(loads.variant);
    expect(waitedMs).toEqual([]);
    const { options, time } = await loads.load({ ...loads.variant, precision: 'fp8' });
    expect([waitedMs, options, time.ms(1, 0)]).toEqual([
      ...[[30_000], { contextMax: 4096, slots: 16 }, 6],
    ]);
    await loads.load({ ...loads.variant, model: 'tiny' });
    expect(waitedMs).toEqual([30_000, 5000]);
  });

  it('refuses what is not there, and says what is', async () => {
    const { loads } = loadsOf();
    await expect(loads.load({ ...loads.variant, precision: 'int4' })).rejects.toMatchObject({
      code: 'unsupported',
      message:
        'Its profiles have no small int4 on 1 for decode on h100-sxm; ' +
        'there is small bf16 on 1, small fp8 on 1, tiny bf16 on 1.',
    });
  });
});
