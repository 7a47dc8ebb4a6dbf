import { describe, expect, test } from '@jest/globals';
import { checkModelProfile } from './check-model-profile.ts';
import { exampleProfile } from './example-profile.ts';

const problemsOf = (value: unknown): readonly string[] => {
  const checked = checkModelProfile(value);
  if (checked.kind === 'ok') return [];
  return checked.problems.map(({ path, message }) => `${path}: ${message}`);
};

/** A copy with one place changed, given as keys from the root. */
const changed = (keys: readonly (string | number)[], value: unknown): unknown => {
  const root = structuredClone(exampleProfile());
  let at = root as unknown as Record<string | number, unknown>;
  for (const key of keys.slice(0, -1)) at = at[key] as Record<string | number, unknown>;
  at[keys.at(-1) ?? ''] = value;
  return root;
};

describe('checkModelProfile', () => {
  test('the smallest profile, in our own words', () => {
    expect(checkModelProfile(exampleProfile())).toMatchObject({
      kind: 'ok',
      profile: {
        model: 'Small 1B',
        shape: { contextMaxTokens: 4096 },
        stages: [
          {
            ...{ stage: 'encode', model: 'Small 1B', gpus: 1, startS: 20, load: [] },
            points: [{ batch: 1, tokens: 64, latencyMs: 10 }, { batch: 2 }],
          },
          { stage: 'prefill', load: [{ p99Ms: 60 }, { p99Ms: 100 }, { p99Ms: 300 }] },
          { stage: 'decode' },
        ],
      },
    });
  });

  const first = ['stages', 0, 'points', 0] as const;
  test.each<[string, readonly (string | number)[], unknown, RegExp]>([
    ['an unknown key', ['stages', 0, 'batchMax'], 3, /^stages\[0\]\.batchMax: is not known/],
    ['no stages', ['stages'], [], /^stages: must have 1 to/],
    ['a whole model as a stage', ['stages', 0, 'stage'], 'whole', /must be encode or prefill or/],
    ['seconds as text', ['stages', 0, 'start_s'], '20', /start_s: must be a number/],
    ['half a batch', [...first, 'batch'], 0.5, /batch: must be 1 to/],
    ['a batch and a half', [...first, 'batch'], 1.5, /batch: must be a whole number, not 1.5/],
    ['a negative time', [...first, 'latency_ms'], -1, /latency_ms: must be 0 to/],
    ['more than the batch', [...first, 'batch'], 9, /is more than batch_max, 8/],
    ['a hole', ['stages', 2, 'points', 3, 'tokens'], 99, /lacks 8 × 4096 tokens/],
    ['a point twice', [...first, 'batch'], 2, /points\[1\]: is a second 2 × 64 tokens/],
    ['power at some', [...first, 'power_w'], 300, /power_w at all points or at none/],
    ['a source that is not there', [...first, 'source'], 'x', /source: names x, which is no/],
    ['the same for a stage', ['stages', 1, 'source'], 'y', /^stages\[1\]\.source: names y/],
    ['a source twice', ['sources', 1, 'id'], 'bench', /^sources\[1\]\.id: bench is there twice/],
    ['a name twice', ['stages', 1, 'name'], 'encode', /^stages\[1\]\.name: encode is there twice/],
    ['a rumour', ['sources', 1, 'kind'], 'rumour', /must be measured or published or derived/],
    ['load that falls', ['stages', 1, 'load', 1, 'offered_tokens_per_s'], 1, /must be more than/],
    ['a p99 below', ['stages', 1, 'load', 1, 'p99_ms'], 1, /p99_ms: must not be less than p50_ms/],
  ])('%s', (_, keys, value, expected) => {
    const problems = problemsOf(changed(keys, value));
    expect(problems.filter((problem) => expected.test(problem))).toHaveLength(1);
  });

  test('all problems are told together', () => {
    const root = changed(['stages', 0, 'gpus'], -1) as ReturnType<typeof exampleProfile>;
    const problems = problemsOf({ ...root, name: 'A b', surprise: 1 });
    expect(problems.map((problem) => problem.split(':')[0])).toEqual([
      ...['surprise', 'name', 'stages[0].gpus'],
    ]);
  });

  test('a profile that contains itself is refused, not followed', () => {
    const root = exampleProfile() as unknown as Record<string, unknown>;
    root['stages'] = [root];
    expect(problemsOf(root)).toEqual(['stages[0]: contains itself, or lies too deep']);
  });

  test.each([undefined, null, 3, 'profile', []])('%p is no profile', (value) => {
    expect(checkModelProfile(value).kind).toBe('refused');
  });
});
