import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { ColocationInput, StageChoice } from './contract.ts';
import { planColocation } from './plan-colocation.ts';

const choice = (
  stage: StageChoice['stage'],
  size: number,
  capacityTokensPerS: number,
  unitMs: number,
): StageChoice => ({
  ...{ stage, entry: `${stage}-${size}`, size, capacityTokensPerS, unitMs },
  ...{ tokens: 1, targetMs: 1 },
});

const input: ColocationInput = {
  loads: { encode: 2000, prefill: 3000, decode: 200 },
  choices: [
    ...[choice('encode', 1, 4000, 60), choice('prefill', 1, 10_000, 40)],
    choice('decode', 1, 1000, 12),
  ],
  ...{ firstTokenMs: 400, tokenMs: 40, embeddingMs: 5, kvCacheMs: 20 },
  ...{ serverSize: 8, mediaPerRequest: 1 },
};

const planned = (different: Partial<ColocationInput>) => {
  const plan = planColocation({ ...input, ...different });
  if (plan.kind !== 'planned') throw new Error(JSON.stringify(plan));
  return plan;
};

describe('which stages share instances', () => {
  it('all of them where one instance does everything in time', () => {
    const { layout, servers } = planned({ tokenMs: 200 });
    expect(layout).toMatchObject({ name: 'encode+prefill+decode', size: 1, tokenMs: 112 });
    expect(layout.groups[0]?.busyShares).toEqual([0.5, 0.3, 0.2]);
    expect(servers).toEqual([[1]]);
  });

  it('not decode, where a step would wait too long for a prompt or a picture', () => {
    const { layout, refused } = planned({});
    expect(layout).toMatchObject({ name: 'encode+prefill | decode', size: 2, tokenMs: 12 });
    // A prompt behind a picture, or a picture behind a prompt, and the KV cache moves.
    expect(layout.firstTokenMs).toBe(100 + 100 + 20);
    expect(refused).toContainEqual({ name: 'encode+prefill+decode', reason: 'token' });
    expect(refused).toContainEqual({ name: 'encode | prefill+decode', reason: 'token' });
  });

  it('none, where prompts behind pictures would be late', () => {
    expect(planned({ firstTokenMs: 130 }).layout).toMatchObject({
      ...{ name: 'encode | prefill | decode', size: 3, firstTokenMs: 125 },
    });
  });

  it('does not give encoders to traffic without pictures', () => {
    const { layout, alternatives } = planned({
      loads: { encode: 0, prefill: 1000, decode: 200 },
      mediaPerRequest: 0,
    });
    expect([layout, ...alternatives].map(({ name }) => name)).not.toContainEqual(
      expect.stringContaining('encode'),
    );
  });

  it('lets rare work of a neighbour pass: fewer than one unit in a hundred meets it', () => {
    const loads = { encode: 20, prefill: 50, decode: 200 };
    expect(planned({ loads }).layout).toMatchObject({
      ...{ name: 'encode+prefill+decode', size: 1, tokenMs: 12 },
    });
  });

  it('chooses the size of instances with it', () => {
    const choices = [
      ...input.choices,
      ...[choice('encode', 4, 9000, 25), choice('prefill', 4, 25_000, 15)],
      choice('decode', 4, 2000, 6),
    ];
    const { layout } = planned({ choices, firstTokenMs: 70 });
    expect(layout.groups.map(({ size }) => size)).toContain(4);
    expect(layout.firstTokenMs).toBeLessThanOrEqual(70);
    expect(planned({ choices, tokenMs: 200 }).layout.size).toBe(1);
  });

  it('says so where no way keeps the targets', () => {
    expect(planColocation({ ...input, firstTokenMs: 50 })).toMatchObject({
      kind: 'impossible',
      refused: expect.arrayContaining([
        { name: 'encode | prefill | decode', reason: 'first-token' },
      ]),
    });
    const choices = input.choices.filter(({ stage }) => stage !== 'decode');
    expect(planColocation({ ...input, choices })).toMatchObject({
      kind: 'impossible',
      refused: expect.arrayContaining([
        { name: 'encode | prefill | decode', reason: 'no-profile' },
      ]),
    });
  });
});

describe('which stages share instances (properties)', () => {
  const load = fc.double({ min: 0, max: 50_000, noNaN: true });
  const loads = fc.record({ encode: load, prefill: load, decode: load });
  const target = fc.double({ min: 1, max: 1000, noNaN: true });

  it('a plan keeps its targets and serves its loads', () => {
    fc.assert(
      fc.property(loads, target, target, (some, firstTokenMs, tokenMs) => {
        const plan = planColocation({ ...input, loads: some, firstTokenMs, tokenMs });
        if (plan.kind === 'impossible') return true;
        const { layout } = plan;
        const served = layout.groups.every(
          ({ busyShares }) => busyShares.reduce((sum, share) => sum + share, 0) <= 1 + 1e-9,
        );
        return served && layout.firstTokenMs <= firstTokenMs && layout.tokenMs <= tokenMs;
      }),
    );
  });

  it('looser targets never cost more', () => {
    fc.assert(
      fc.property(loads, target, target, target, (some, firstTokenMs, tokenMs, more) => {
        const at = (extra: number): number => {
          const targets = { firstTokenMs: firstTokenMs + extra, tokenMs: tokenMs + extra };
          const plan = planColocation({ ...input, loads: some, ...targets });
          return plan.kind === 'planned' ? plan.layout.size : Number.POSITIVE_INFINITY;
        };
        return at(more) <= at(0);
      }),
    );
  });
});
