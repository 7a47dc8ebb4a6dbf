import { describe, expect, it } from '@jest/globals';
import type { RawEmergency } from '../emergency/check-emergency.ts';
import { exampleProfile } from '../testing/example-profiles.ts';
import { type LoopOptions, openLoopRoom } from '../testing/loop-room.ts';

/** A router takes a while to move work, and an engine to run as it is told. */
const lag: LoopOptions = { lagRounds: 3 };

const aisle = (id: string): RawEmergency['scope'] => ({ kind: 'aisle', id });

describe('the closed loop in an emergency', () => {
  it.each<[string, Partial<RawEmergency>, boolean]>([
    ['power to 75 %', { toShare: 0.75 }, true],
    ['a lost UPS', { kind: 'ups', scope: { kind: 'ups', id: 'u1' } }, true],
    ['cooling to 90 %', { kind: 'cooling', toShare: 0.9 }, false],
    ['a lost AHU', { kind: 'ahu', scope: { kind: 'ahu', id: 'a1-ahu1' } }, false],
    ['a heat wave', { kind: 'heat_wave', byK: 12 }, false],
  ])(
    '%s: no breaker opens, no GPU stops, opaque tenants lose nothing, and all comes back',
    async (_, different, takes) => {
      const { keeper, records, run, state, declare, clocks } = openLoopRoom(lag);
      run(30);
      expect(keeper.conductor.actions()).toEqual([]);
      declare(different);
      let opaqueCapped = 0;
      let down = 0;
      run(75, () => {
        const { rows, ups, gpus } = state();
        opaqueCapped = Math.max(opaqueCapped, keeper.conductor.limitsW().size);
        for (const column of [rows.tripped, ups.tripped, gpus.shutDown]) {
          down = Math.max(down, ...column);
        }
      });
      expect({ opaqueCapped, down }).toEqual({ opaqueCapped: 0, down: 0 });
      expect(clocks().some((share) => share < 1)).toBe(takes);
      const fed = [...keeper.latest().levels.values()].filter(
        ({ of, dark }) => of.level === 'row' || (of.level === 'ups' && !dark),
      );
      const fullest = Math.max(...fed.map(({ used, limit }) => used / limit));
      expect(fullest).toBeLessThanOrEqual(1);
      // What opaque and idle servers leave is little: ours are to have it.
      if (takes) expect(fullest).toBeGreaterThan(0.945);
      keeper.emergencies.clear('');
      run(150);
      expect(clocks().every((share) => share === 1)).toBe(true);
      expect(records.some(({ id }) => keeper.conductor.isStopped(id))).toBe(false);
      await keeper.close();
    },
    120_000,
  );

  it('takes nothing from opaque tenants for what ours have been told to give and do not yet', async () => {
    const { keeper, run, declare } = openLoopRoom({
      ...{ ...lag, isRouted: true, environment: { ISOTHERM_OPAQUE_LOAD_MEAN: '0.6' } },
    });
    run(30);
    declare({ toShare: 0.45 });
    let opaqueCapped = 0;
    run(20, () => {
      opaqueCapped += keeper.conductor.limitsW().size;
    });
    expect(opaqueCapped).toBe(0);
    await keeper.close();
  }, 120_000);

  it('caps everybody alike where that is what was asked for, and gives that back too', async () => {
    const { keeper, run, declare, clocks } = openLoopRoom({
      ...{ ...lag, environment: { ISOTHERM_EMERGENCY_PLAN: 'uniform' } },
    });
    run(30);
    declare({ toShare: 0.75 });
    run(40);
    expect(keeper.conductor.limitsW().size).toBeGreaterThan(0);
    expect(clocks().some((share) => share < 1)).toBe(true);
    keeper.emergencies.clear('');
    run(100);
    expect(keeper.conductor.limitsW().size).toBe(0);
    expect(clocks().every((share) => share === 1)).toBe(true);
    await keeper.close();
  }, 120_000);

  it('only says what it would do where it may not act', async () => {
    const { keeper, run, declare, clocks } = openLoopRoom({
      environment: { ISOTHERM_ACTUATE: 'false' },
    });
    run(10);
    declare({ toShare: 0.75 });
    run(5);
    expect(keeper.conductor.actions().length).toBeGreaterThan(0);
    expect(keeper.conductor.actions().every(({ done }) => !done)).toBe(true);
    expect(clocks().every((share) => share === 1)).toBe(true);
    await keeper.close();
  }, 120_000);

  it('does nothing with the lever off', async () => {
    const { keeper, run, declare, clocks } = openLoopRoom({
      environment: { ISOTHERM_LEVER_RECONFIGURE: 'false' },
    });
    run(10);
    declare({ toShare: 0.75 });
    run(5);
    expect(keeper.conductor.actions()).toEqual([]);
    expect(clocks().every((share) => share === 1)).toBe(true);
    await keeper.close();
  }, 120_000);

  it('slows the engines of GPUs that a virtual room throttles', async () => {
    const { keeper, run, declare } = openLoopRoom({
      environment: { ISOTHERM_LEVER_RECONFIGURE: 'false' },
    });
    run(10);
    expect(keeper.actuator.counts.sent).toBe(0);
    declare({ kind: 'cooling', toShare: 0.02 });
    run(150);
    expect(keeper.runner.throttleEvents().thermal).toBeGreaterThan(0);
    expect(keeper.actuator.counts.sent).toBeGreaterThan(0);
    expect(keeper.latest().headroom.some(({ clockShare }) => clockShare < 1)).toBe(true);
    await keeper.close();
  }, 120_000);
});

describe('the closed loop of instances whose profiles are known', () => {
  const home = { model: 'panel', precision: 'bf16', threads: 1 };
  const profiled = (fp8Quality: number, environment = {}): LoopOptions => {
    const profile = exampleProfile();
    const stages = profile.stages.map((entry) =>
      entry.precision === 'fp8' ? { ...entry, quality: fp8Quality } : entry,
    );
    return {
      ...{ ...lag, profiles: [{ ...profile, stages }], loaded: home, load: 0.9, environment },
      loadable: [home, { ...home, precision: 'fp8' }],
      speedOf: ({ precision }) => (precision === 'fp8' ? 1.5 : 1),
    };
  };
  const precisions = (loaded: readonly { readonly precision: string }[]) =>
    new Set(loaded.map(({ precision }) => precision));

  it('loads a precision that does the work for less power before any work is given up, and goes back', async () => {
    const loop = openLoopRoom(profiled(0.6));
    const { keeper, run, state, declare } = loop;
    run(30);
    expect(precisions(loop.loaded())).toEqual(new Set(['bf16']));
    declare({ toShare: 0.75 });
    let down = 0;
    run(75, () => {
      const { rows, ups } = state();
      down = Math.max(down, ...rows.tripped, ...ups.tripped);
    });
    expect(down).toBe(0);
    expect(precisions(loop.loaded())).toContain('fp8');
    expect(keeper.actuator.counts.failed).toBe(0);
    const reloads = keeper.conductor.actions().filter(({ action }) => action.costS > 0);
    expect(reloads.length).toBeGreaterThan(0);
    for (const use of keeper.latest().levels.values()) {
      if (use.of.level === 'row') expect(use.used).toBeLessThanOrEqual(use.limit);
    }
    keeper.emergencies.clear('');
    run(200);
    expect(precisions(loop.loaded())).toEqual(new Set(['bf16']));
    expect(loop.clocks().every((share) => share === 1)).toBe(true);
    await keeper.close();
  }, 120_000);

  it('gives up no quality that it may not', async () => {
    const loop = openLoopRoom(profiled(0.3));
    loop.run(30);
    loop.declare({ toShare: 0.75 });
    loop.run(60);
    expect(precisions(loop.loaded())).toEqual(new Set(['bf16']));
    expect(loop.clocks().some((share) => share < 1)).toBe(true);
    await loop.keeper.close();
  }, 120_000);
});

describe('the closed loop in an aisle that gets hot', () => {
  const busy = { ISOTHERM_OPAQUE_LOAD_MEAN: '1', ISOTHERM_OPAQUE_LOAD_SWING: '0' };
  const levers = (route: boolean, reconfigure: boolean) => ({
    ...{ ISOTHERM_LEVER_ROUTE: String(route), ISOTHERM_LEVER_RECONFIGURE: String(reconfigure) },
  });
  /** Fourteen minutes of a hot day with too little cooling in one aisle. */
  const heatUp = async (options: LoopOptions) => {
    const loop = openLoopRoom({
      ...{ ...lag, ...options, environment: { ...busy, ...options.environment } },
    });
    const { keeper, run, state, declare, clocks } = loop;
    run(30);
    declare({ kind: 'heat_wave', byK: 8 });
    declare({ kind: 'cooling', scope: aisle('a1'), toShare: 0.55 });
    const seen = { hottestC: 0, opaqueCapped: 0, clockMin: 1, clockSum: 0, rounds: 0 };
    run(210, () => {
      const { gpus } = state();
      gpus.sinkC.forEach((sinkC, gpu) => {
        seen.hottestC = Math.max(seen.hottestC, sinkC + (gpus.fastK[gpu] ?? 0));
      });
      seen.opaqueCapped = Math.max(seen.opaqueCapped, keeper.conductor.limitsW().size);
      seen.clockMin = Math.min(seen.clockMin, ...clocks());
      seen.clockSum += clocks().reduce((sum, each) => sum + each, 0) / clocks().length;
      seen.rounds += 1;
    });
    await keeper.close();
    return {
      ...seen,
      clockMean: seen.clockSum / seen.rounds,
      events: keeper.runner.throttleEvents(),
    };
  };
  const inA1 = (server: string): boolean => server.startsWith('r1') || server.startsWith('r2');

  it('slows down what is ours as far as it takes, and nobody else', async () => {
    const where = { servers: inA1, load: 0.8 };
    const oblivious = await heatUp({ ...where, environment: levers(false, false) });
    expect(oblivious.events.thermal).toBeGreaterThan(0);
    const slowed = await heatUp({ ...where, environment: levers(false, true) });
    expect(slowed.events).toEqual({ thermal: 0, power: 0 });
    expect(slowed.opaqueCapped).toBe(0);
    expect(slowed.clockMin).toBeLessThan(1);
    expect(slowed.clockMean).toBeGreaterThan(0.5);
  }, 240_000);

  it('slows nobody down where moving work is enough', async () => {
    const where = { load: 0.3, isRouted: true };
    const routed = await heatUp({ ...where, environment: levers(true, false) });
    const aware = await heatUp({ ...where, environment: levers(true, true) });
    expect(aware.events).toEqual({ thermal: 0, power: 0 });
    expect(aware.clockMin).toBe(1);
    expect(aware.hottestC).toBeLessThan(routed.hottestC + 1);
  }, 240_000);
});
