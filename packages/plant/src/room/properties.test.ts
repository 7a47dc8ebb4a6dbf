import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type GpuDemand, workKinds } from '../predict/gpu-power.ts';
import { exampleRoom } from '../topology/example-room.ts';
import type { Disturbance } from './disturbance.ts';
import { everywhere } from './example-load.ts';
import { defaultRoomSettings } from './room-settings.ts';
import { nextThermalClock } from './step-gpus.ts';
import { snapshotOf } from './snapshot.ts';
import { createRoom, type Room } from './step-room.ts';

const plan = exampleRoom({ rowsPerAisle: 1, racksPerRow: 1, serversPerRack: 1 });
/** Few GPUs, so that long runs are quick. */
const tiny = exampleRoom({
  ...{ aisles: 1, rowsPerAisle: 1, racksPerRow: 1, serversPerRack: 2, kind: 'h100-pcie-2' },
});

interface Weather {
  readonly dtS: number;
  readonly outsideC: number;
  readonly seconds: number;
}

const settled = (
  demand: Partial<GpuDemand>,
  { dtS, outsideC, seconds }: Weather,
  disturbances: readonly Disturbance[] = [],
): readonly number[] => {
  const room = createRoom(tiny);
  const input = { dtS, outsideC, demand: everywhere(room.state, demand), disturbances };
  for (let step = 0; step < seconds / dtS; step += 1) room.step(input);
  return snapshotOf(room.state).gpus.map(({ coreC }) => coreC);
};

const anyShare = fc.double({ min: 0, max: 1, noNaN: true });
const anyWork = fc.record({
  stage: fc.constantFrom(...workKinds),
  // More of it takes a row to its limit, where brakes come and go.
  utilisation: fc.double({ min: 0, max: 0.7, noNaN: true }),
  batch: fc.integer({ min: 1, max: 256 }),
});

describe('a room below its limits', () => {
  test('more use is never cooler', () => {
    fc.assert(
      fc.property(anyWork, anyShare, (work, share) => {
        const weather = { dtS: 5, outsideC: 20, seconds: 250 };
        const more = settled(work, weather);
        const less = settled({ ...work, utilisation: work.utilisation * share }, weather);
        more.forEach((coreC, index) =>
          expect(coreC).toBeGreaterThanOrEqual((less[index] ?? 0) - 1e-6),
        );
      }),
      { numRuns: 8 },
    );
  });

  test('hotter weather is never cooler', () => {
    fc.assert(
      fc.property(
        anyWork,
        fc.double({ min: -10, max: 40, noNaN: true }),
        anyShare,
        (work, outsideC, add) => {
          const cool = settled(work, { dtS: 5, outsideC, seconds: 250 });
          const warm = settled(work, { dtS: 5, outsideC: outsideC + 10 * add, seconds: 250 });
          warm.forEach((coreC, index) =>
            expect(coreC).toBeGreaterThanOrEqual((cool[index] ?? 0) - 1e-6),
          );
        },
      ),
      { numRuns: 8 },
    );
  });

  test('where it settles does not depend on the length of steps', () => {
    fc.assert(
      fc.property(anyWork, fc.double({ min: 0.8, max: 1, noNaN: true }), (work, share) => {
        const lost = [{ kind: 'cooling', aisle: 'a1', share }] as const;
        const fine = settled(work, { dtS: 0.1, outsideC: 20, seconds: 600 }, lost);
        const coarse = settled(work, { dtS: 1, outsideC: 20, seconds: 600 }, lost);
        fine.forEach((coreC, index) => expect(coarse[index]).toBeCloseTo(coreC, 0));
      }),
      { numRuns: 3 },
    );
  });
});

const anyNumber = fc.oneof(
  fc.double(),
  fc.constantFrom(Number.NaN, Infinity, -Infinity, -1, 0, 1e308),
);
const anyDisturbance: fc.Arbitrary<Disturbance> = fc.oneof(
  fc.record({ kind: fc.constant('cooling'), aisle: fc.constant('a1'), share: anyNumber } as const),
  fc.record({ kind: fc.constant('ahu'), ahu: fc.constant('a1-ahu1') } as const),
  fc.record({ kind: fc.constant('power'), share: anyNumber } as const),
  fc.record({ kind: fc.constant('ups'), ups: fc.constantFrom('u1', 'u2') } as const),
  fc.record({ kind: fc.constant('heat-wave'), addK: anyNumber } as const),
);

const stepAnything = (room: Room, seed: number): void => {
  const input = fc.sample(
    fc.record({
      dtS: fc.oneof(anyNumber, fc.constantFrom(0.01, 1, 60)),
      outsideC: anyNumber,
      demand: fc.record({
        stage: fc.constantFrom(...workKinds),
        ...{ utilisation: anyNumber, batch: anyNumber, clockShare: anyNumber },
        ...{ powerLimitW: anyNumber, tensorParallel: anyNumber, promptTokens: anyNumber },
      }),
      disturbances: fc.array(anyDisturbance, { maxLength: 3 }),
    }),
    { seed, numRuns: 1 },
  )[0];
  if (input === undefined) return;
  const { demand, ...rest } = input;
  room.step({ ...rest, demand: everywhere(room.state, demand) });
};

test('nothing that is asked of a room takes its figures out of their bounds', () => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const room = createRoom(plan, { settings: { ...defaultRoomSettings, stepSMax: 100 } });
      for (let step = 0; step < 10; step += 1) stepAnything(room, seed + step);
      const { gpus, servers, rows, aisles } = snapshotOf(room.state);
      for (const { coreC, memoryC, powerW, clockShare } of gpus) {
        for (const celsius of [coreC, memoryC]) {
          expect(celsius).toBeGreaterThan(-60);
          expect(celsius).toBeLessThan(160);
        }
        expect(powerW).toBeGreaterThanOrEqual(0);
        expect(powerW).toBeLessThanOrEqual(700.001);
        expect(clockShare).toBeGreaterThanOrEqual(0);
        expect(clockShare).toBeLessThanOrEqual(1);
      }
      for (const { inletC, powerW } of servers) {
        expect(inletC).toBeLessThan(120);
        expect(powerW).toBeLessThan(11_500);
      }
      for (const { powerW } of rows) expect(Number.isFinite(powerW)).toBe(true);
      for (const { returnC } of aisles) expect(Number.isFinite(returnC)).toBe(true);
    }),
    { numRuns: 25 },
  );
});

describe('nextThermalClock', () => {
  const by = { throttle: defaultRoomSettings.throttle, clockMinShare: 0.15, dtS: 1 };

  test('falls at its limit, holds just below it, rises well below it', () => {
    expect(nextThermalClock(1, 0, by)).toBeLessThan(1);
    expect(nextThermalClock(0.7, 5, by)).toBeLessThan(nextThermalClock(0.7, 1, by));
    expect(nextThermalClock(0.7, -1, by)).toBe(0.7);
    expect(nextThermalClock(0.7, -2.1, by)).toBeGreaterThan(0.7);
  });

  test('stays between its lowest clock and 1', () => {
    expect(nextThermalClock(0.2, 1e9, by)).toBe(0.15);
    expect(nextThermalClock(0.999, -50, by)).toBe(1);
  });
});
