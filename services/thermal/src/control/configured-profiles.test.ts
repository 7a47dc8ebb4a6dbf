import { describe, expect, it } from '@jest/globals';
import type { ModelProfile, ProfileEntry } from '@isotherm/kernel';
import { exampleRoom, ratingsOf } from '@isotherm/plant';
import { paretoSet } from '@isotherm/policy';
import { createProfileBook } from '../profiles/profile-book.ts';
import { exampleProfile } from '../testing/example-profiles.ts';
import { indexRoom } from '../topology/room-index.ts';
import { type ConfiguredWork, configuredProfiles } from './configured-profiles.ts';

const { layout } = indexRoom(exampleRoom({ racksPerRow: 1, serversPerRack: 1 }));
const [rating] = ratingsOf(layout).servers;
if (rating === undefined) throw new Error('a room without servers');

const home = { model: 'panel', precision: 'bf16', threads: 1 };
const fp8 = { model: 'panel', precision: 'fp8' };
const work = (different: Partial<ConfiguredWork> = {}): ConfiguredWork => ({
  ...{ kind: 'decode', model: 'Panel', server: rating, serverGpus: 8, home, seats: 8, batch: 3 },
  ...{ gpus: layout.gpus.slice(0, 8), loadable: [home, fp8], timeScale: 10 },
  where: { stage: 'decode', gpuClass: 'h100-sxm', gpus: 8 },
  ...different,
});
const found = (
  profiles: readonly ModelProfile[],
  different: Partial<ConfiguredWork> = {},
  targets = { firstMs: 0, tokenMs: 0 },
) => configuredProfiles(work(different), createProfileBook(profiles, { targets, isResting: true }));
const byKey = (...given: Parameters<typeof found>) =>
  new Map(found(...given).profiles.map((profile) => [profile.key, profile]));

describe('the ways in which an instance can run', () => {
  it('are precisions, batches and clocks of its profile, in shares of what it does as configured', () => {
    const { profiles, homeTokensPerS } = found([exampleProfile()]);
    expect(homeTokensPerS).toBeCloseTo(8 / 0.06);
    expect(profiles[0]).toMatchObject({ variant: home, goodput: 1, speed: 1, quality: 0.6 });
    const all = new Map(profiles.map((profile) => [profile.key, profile]));
    expect(all.get('panel fp8 tp8 t1 b0 c1.00')).toMatchObject({
      ...{ goodput: expect.closeTo(1.5), reloadS: 10 },
      variant: { ...fp8, threads: 1 },
    });
    expect(all.get('panel bf16 tp8 t1 b0 c0.50')?.goodput).toBeCloseTo(0.5);
    expect(all.get('panel bf16 tp8 t1 b1 c1.00')?.goodput).toBeCloseTo(60 / 30 / 8);
    const fullW = (key: string): number => all.get(key)?.fullW ?? NaN;
    expect(fullW('panel fp8 tp8 t1 b0 c1.00')).toBeLessThan(fullW('panel bf16 tp8 t1 b0 c1.00'));
    expect(fullW('panel bf16 tp8 t1 b1 c1.00')).toBeLessThan(fullW('panel bf16 tp8 t1 b0 c1.00'));
  });

  it('draw at the plug what the file says that their GPUs draw, with all that goes with it', () => {
    const [first] = found([exampleProfile()]).profiles;
    const [hotter] = found([
      exampleProfile({}, { points: [{ batch: 8, tokens: 0, latencyMs: 60, powerW: 5000 }] }),
    ]).profiles;
    const perW = ((hotter?.fullW ?? 0) - (first?.fullW ?? 0)) / 800;
    expect(perW).toBeGreaterThan(1);
    expect(perW).toBeLessThan(2);
    expect(hotter?.coreK).toBeGreaterThan(first?.coreK ?? NaN);
  });

  it('are corrected by what is measured of what the file says', () => {
    const [first] = found([exampleProfile()]).profiles;
    const [halved] = found([exampleProfile()], { wattFactor: 0.5 }).profiles;
    const aboveIdleW = (profile: typeof first): number =>
      (profile?.fullW ?? NaN) - (profile?.idleW ?? NaN);
    expect(aboveIdleW(halved)).toBeCloseTo(aboveIdleW(first) / 2);
  });

  it('of which fp8 beats bf16 wherever it does more for less', () => {
    const best = paretoSet(found([exampleProfile()]).profiles);
    expect(new Set(best.map(({ configuration }) => configuration.precision))).toEqual(
      new Set(['fp8']),
    );
    const worse = exampleProfile();
    const stages = worse.stages.map((entry): ProfileEntry =>
      entry.precision === 'fp8' ? { ...entry, quality: 0.58 } : entry,
    );
    const apart = paretoSet(found([{ ...worse, stages }]).profiles);
    expect(new Set(apart.map(({ quality }) => quality))).toEqual(new Set([0.6, 0.58]));
  });

  it('know other models only where both say how good their answers are', () => {
    const tiny = { model: 'tiny', precision: 'bf16' };
    const loadable = [home, fp8, tiny];
    const models = (...profiles: readonly ModelProfile[]) =>
      new Set(found(profiles, { loadable }).profiles.map((each) => each.configuration.model));
    const other = exampleProfile({ name: 'tiny', quality: 0.5 });
    expect(models(exampleProfile(), other)).toEqual(new Set(['panel', 'tiny']));
    const { quality: _, ...silent } = other;
    expect(models(exampleProfile(), silent)).toEqual(new Set(['panel']));
    const { quality: __, ...unknown } = exampleProfile();
    expect(models(unknown, other)).toEqual(new Set(['panel']));
  });

  it('are clocks alone where nobody measured what it runs, where it runs', () => {
    for (const [profiles, different] of [
      [[], {}],
      [[exampleProfile({}, { hardware: 'a100-sxm' })], {}],
      [[exampleProfile({}, { gpus: 4 })], {}],
      [[exampleProfile()], { home: { ...home, precision: 'int4' } }],
    ] as const) {
      const { profiles: ways, homeTokensPerS } = found(profiles, different);
      expect(homeTokensPerS).toBeUndefined();
      expect(ways.map(({ goodput }) => goodput)).toEqual([1, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3]);
    }
  });

  it('take times from processors, and watts from the plant', () => {
    const cpu = exampleProfile({}, { hardware: 'cpu', gpus: 0, threads: 2 });
    const on = { home: { ...home, threads: 2 } };
    const { profiles, homeTokensPerS } = found([cpu], on);
    expect(homeTokensPerS).toBeCloseTo(8 / 0.06);
    const modelled = found([], { ...on, batch: 8 }).profiles[0];
    expect(profiles[0]?.fullW).toBeCloseTo(modelled?.fullW ?? NaN);
    expect(profiles[0]?.key).toBe('panel bf16 tp8 t2 b0 c1.00');
  });

  it('count only what keeps the target', () => {
    const ways = byKey([exampleProfile()], {}, { firstMs: 0, tokenMs: 50 });
    // Steps of 60 ms are too long; a batch of 5 takes 47.
    expect(ways.get('panel bf16 tp8 t1 b0 c1.00')?.goodput).toBeCloseTo((5 / 47.14) * (60 / 8), 2);
    expect(ways.get('panel bf16 tp8 t1 b0 c0.50')?.goodput).toBe(0);
    expect(ways.get('panel fp8 tp8 t1 b0 c1.00')?.goodput).toBeCloseTo(1.5);
  });
});
