import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { checkModelProfile } from './check-model-profile.ts';
import { exampleProfile } from './example-profile.ts';
import { linearProfile } from './linear-profile.ts';
import type { ProfileEntry } from './model-profile.ts';
import { safeTokensPerS, saturationOf } from './stage-capacity.ts';
import type { StageProfile } from './stage-profile.ts';

const entryOf = (stage: string): ProfileEntry => {
  const checked = checkModelProfile(exampleProfile());
  const found =
    checked.kind === 'ok' ? checked.profile.stages.find((each) => each.stage === stage) : undefined;
  if (found === undefined) throw new Error(stage);
  return found;
};

const about: Omit<StageProfile, 'points'> = {
  ...{ stage: 'encode', model: 'm', hardware: 'h', gpus: 1, precision: 'bf16' },
  ...{ batchMax: 8, source: 'a test' },
};

describe('saturation', () => {
  it('is the smallest batch that no larger one improves on', () => {
    const linear = linearProfile(about, { eachMs: 10 });
    expect(saturationOf(linear, 100)).toEqual({ batch: 1, ms: 10, tokensPerS: 10_000 });
    const fixed = linearProfile(about, { fixedMs: 10 });
    expect(saturationOf(fixed, 100)).toMatchObject({ batch: 8, tokensPerS: 80_000 });
  });

  it('of a decoder counts the tokens that it makes, not those that it holds', () => {
    expect(saturationOf(entryOf('decode'), 0).tokensPerS).toBeCloseTo(8000 / 12);
    expect(saturationOf(entryOf('decode'), 4096).tokensPerS).toBeCloseTo(400);
  });
});

describe('the load that keeps a target', () => {
  it('is read off what was measured under load', () => {
    const at = (targetMs: number) => safeTokensPerS(entryOf('prefill'), { tokens: 1000, targetMs });
    expect([at(59), at(60), at(100), at(200), at(1000)]).toEqual([0, 1000, 10_000, 13_000, 16_000]);
  });

  it('of a decoder is the batch whose step is short enough', () => {
    const at = (targetMs: number) => safeTokensPerS(entryOf('decode'), { tokens: 0, targetMs });
    expect([at(4.9), at(5), at(9), at(50)]).toEqual([0, 200, 5000 / 9, 8000 / 12]);
  });

  it('leaves room for a queue where nothing was measured', () => {
    const profile = linearProfile(about, { eachMs: 10 });
    const at = (targetMs: number, arrivalVariation = 1) =>
      safeTokensPerS(profile, { tokens: 100, targetMs, arrivalVariation });
    // M/D/1: at a load of 0.75 the 99th percentile is near 95 ms (its tail decays by e every 20 ms).
    expect(at(96.4) / 10_000).toBeCloseTo(0.75, 2);
    expect(at(9)).toBe(0);
    expect(at(96.4, 4)).toBeLessThan(at(96.4));
  });

  it('never falls as the target grows, and never passes saturation (property)', () => {
    const ms = fc.double({ min: 0.1, max: 100, noNaN: true });
    const target = fc.double({ min: 0.01, max: 10_000, noNaN: true });
    const stage = fc.constantFrom('encode' as const, 'prefill' as const, 'decode' as const);
    fc.assert(
      fc.property(stage, ms, ms, target, target, (of, fixedMs, eachMs, one, other) => {
        const profile = linearProfile({ ...about, stage: of }, { fixedMs, eachMs });
        const at = (targetMs: number) => safeTokensPerS(profile, { tokens: 50, targetMs });
        const [less, more] = [at(Math.min(one, other)), at(Math.max(one, other))];
        const most = Math.max(saturationOf(profile, 50).tokensPerS, less);
        return less <= more && more <= most * 1.03;
      }),
    );
  });
});
