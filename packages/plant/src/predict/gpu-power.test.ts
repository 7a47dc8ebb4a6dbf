import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { gpuClasses } from '../fitted/gpu-classes.ts';
import {
  busyShare,
  clockForPower,
  clockPowerShare,
  type GpuDemand,
  memoryPowerW,
  predictGpuPowerW,
  workKinds,
} from './gpu-power.ts';

const { power } = gpuClasses['h100-sxm'];

const demand = (changes: Partial<GpuDemand> = {}): GpuDemand => ({
  ...{ stage: 'decode', utilisation: 1, batch: 64, precision: 'bf16', clockShare: 1 },
  ...changes,
});

const anyDemand = fc.record({
  stage: fc.constantFrom(...workKinds),
  utilisation: fc.double({ min: 0, max: 1, noNaN: true }),
  batch: fc.integer({ min: 1, max: 2048 }),
  precision: fc.constantFrom('bf16', 'fp8', 'int4'),
  clockShare: fc.double({ min: 0.15, max: 1, noNaN: true }),
  tensorParallel: fc.constantFrom(1, 2, 4, 8),
});

describe('predictGpuPowerW', () => {
  test('idle work draws idle power', () => {
    expect(predictGpuPowerW(power, demand({ utilisation: 0 }))).toBe(power.idleW);
  });

  test('is between idle and rated, and more clock or use is never less', () => {
    fc.assert(
      fc.property(anyDemand, fc.double({ min: 0, max: 1, noNaN: true }), (asked, share) => {
        const watts = predictGpuPowerW(power, asked);
        expect(watts).toBeGreaterThanOrEqual(power.idleW - 1e-9);
        expect(watts).toBeLessThanOrEqual(power.ratedW + 1e-9);
        const slower = { ...asked, clockShare: asked.clockShare * share };
        const rarer = { ...asked, utilisation: asked.utilisation * share };
        expect(predictGpuPowerW(power, slower)).toBeLessThanOrEqual(watts + 1e-9);
        expect(predictGpuPowerW(power, rarer)).toBeLessThanOrEqual(watts + 1e-9);
      }),
    );
  });

  test('prefill draws more than decode, and decode warms the memory more', () => {
    const decode = predictGpuPowerW(power, demand());
    const prefill = predictGpuPowerW(power, demand({ stage: 'prefill', batch: 4 }));
    expect(prefill).toBeGreaterThan(decode);
    expect(memoryPowerW(power, 'decode', decode)).toBeGreaterThan(
      memoryPowerW(power, 'prefill', prefill),
    );
  });

  test('a prompt four times as long is two doublings of the batch', () => {
    const long = demand({ stage: 'prefill', batch: 1, promptTokens: 256 });
    const four = demand({ stage: 'prefill', batch: 4, promptTokens: 64 });
    expect(busyShare(power, long)).toBeCloseTo(busyShare(power, four), 12);
  });
});

test('half the clock leaves decode more of its power than prefill', () => {
  const left = (stage: 'decode' | 'prefill'): number =>
    clockPowerShare(0.5, power.stages[stage].clockFixedShare, power.voltageMinShare);
  expect(left('decode')).toBeGreaterThan(left('prefill'));
  expect(left('prefill')).toBeLessThan(0.5);
});

test('the clock for a power limit keeps it where it can be kept', () => {
  fc.assert(
    fc.property(anyDemand, fc.double({ min: 100, max: 700, noNaN: true }), (asked, limitW) => {
      const clockShare = clockForPower(power, asked, limitW, 0.15);
      const watts = predictGpuPowerW(power, { ...asked, clockShare });
      expect(clockShare).toBeLessThanOrEqual(asked.clockShare);
      if (watts > limitW + 1e-6) expect(clockShare).toBe(0.15);
      else if (clockShare < asked.clockShare) expect(watts).toBeGreaterThan(limitW * 0.999);
    }),
  );
});
