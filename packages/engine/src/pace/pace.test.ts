import { describe, expect, it } from '@jest/globals';
import { deferred } from '@isotherm/kernel';
import { clockShareMin, createPace } from './pace.ts';

const spin = async (ms: number): Promise<number> => {
  const startMs = performance.now();
  while (performance.now() - startMs < ms);
  return performance.now() - startMs;
};

describe('a pace', () => {
  it('lets work through untouched and side by side at the full clock', async () => {
    const pace = createPace();
    const gates = [deferred<number>(), deferred<number>()];
    const units = gates.map((gate) => pace.unit(1, () => gate.promise));
    // The second ends before the first: nothing waits for its turn.
    gates[1]?.resolve(2);
    expect(await units[1]).toBe(2);
    gates[0]?.resolve(1);
    expect(await units[0]).toBe(1);
  });

  it('rests after each unit by the share, and takes turns', async () => {
    const pace = createPace();
    pace.change({ clockShare: 0.25 });
    const sinceMs = performance.now();
    const worked = await Promise.all([1, 2].map(() => pace.unit(1, () => spin(10))));
    const tookMs = performance.now() - sinceMs;
    const workedMs = worked.reduce((sum, ms) => sum + ms, 0);
    expect(tookMs).toBeGreaterThanOrEqual(4 * workedMs - 2);
    expect(pace.busyMs).toBeGreaterThanOrEqual(4 * workedMs - 2);
  });

  it('ends a rest when the clock is free again', async () => {
    const pace = createPace();
    pace.change({ clockShare: clockShareMin });
    const begun = deferred<undefined>();
    // Rests 19 times as long as it works: minutes, unless the change is noticed.
    const unit = pace.unit(1, async () => {
      await spin(20);
      begun.resolve(undefined);
      return 'done';
    });
    await begun.promise;
    pace.change({ clockShare: 1 });
    const sinceMs = performance.now();
    expect(await unit).toBe('done');
    expect(performance.now() - sinceMs).toBeLessThan(19 * 20);
  });

  it('rests after work that failed, and tells its failure', async () => {
    const pace = createPace();
    pace.change({ clockShare: 0.5 });
    const failing = pace.unit(1, async () => {
      await spin(5);
      throw new Error('broken');
    });
    await expect(failing).rejects.toThrow('broken');
    expect(pace.busyMs).toBeGreaterThanOrEqual(9);
    // The next unit has its turn all the same.
    expect(await pace.unit(1, async () => 'next')).toBe('next');
  });

  it('counts busy time once and work by its size', async () => {
    const pace = createPace();
    const gate = deferred<readonly number[]>();
    const units = [
      pace.unit(3, () => gate.promise),
      pace.unit(
        ({ length }: readonly number[]) => length,
        () => gate.promise,
      ),
    ];
    expect(pace.jobMs).toBe(0);
    await spin(5);
    expect(pace.busyMs).toBeGreaterThanOrEqual(5);
    gate.resolve([1, 2]);
    await Promise.all(units);
    // The second begins a bit later, if the machine is busy a good bit.
    expect(pace.jobMs / pace.busyMs).toBeGreaterThan(3);
    expect(pace.jobMs / pace.busyMs).toBeLessThan(5.001);
    const { busyMs } = pace;
    await spin(2);
    expect(pace.busyMs).toBe(busyMs);
  });

  it.each([0, -1, 1.01, Number.NaN, Infinity])('refuses a clock of %d', (clockShare) => {
    const pace = createPace();
    expect(() => pace.change({ clockShare })).toThrow(/above 0 and at most 1/);
    expect(pace.clockShare).toBe(1);
  });

  it('never stands still, and forgets a bound on batches when told 0', () => {
    const pace = createPace();
    pace.change({ clockShare: 1e-9, batchMax: 4 });
    expect([pace.clockShare, pace.batchMax]).toEqual([clockShareMin, 4]);
    pace.change({ batchMax: 0 });
    expect([pace.clockShare, pace.batchMax]).toEqual([clockShareMin, undefined]);
  });
});
