import { describe, expect, it } from '@jest/globals';
import { manualClock } from '@isotherm/kernel';
import { exampleRoom, type GpuThermalParameters, steadyRiseK } from '@isotherm/plant';
import { createRoomEstimate } from '../estimate/room-estimate.ts';
import { defaultViewBounds, viewRoom } from '../estimate/room-view.ts';
import { readSensors } from '../room/sensors.ts';
import { createVirtualRoom } from '../room/virtual-room.ts';
import { createTelemetryBook } from '../telemetry/book.ts';
import { createTelemetryIntake } from '../telemetry/intake.ts';
import { indexRoom } from '../topology/room-index.ts';
import { createRoomFit } from './room-fit.ts';
import { type LineSettings, newLine, observe } from './line-fit.ts';

const settings: LineSettings = {
  ...{ aVariance: 9, bVariance: 0.04, noiseVariance: 0.5, memory: 0.995 },
  ...{ aMax: 12, bMin: 0.4, bMax: 2.5 },
};

/** Tells a line many observations of another one. */
const taught = (
  a: number,
  b: number,
  line = newLine(settings),
  xs: readonly number[] = [5, 15, 25, 35],
) => {
  let now = line;
  for (let each = 0; each < 200; each += 1) {
    const x = xs[each % xs.length] ?? 0;
    now = observe(now, x, a + b * x, settings);
  }
  return now;
};

describe('a line that follows', () => {
  it('learns offset and slope', () => {
    const line = taught(3, 1.1);
    expect(line.a).toBeCloseTo(3, 1);
    expect(line.b).toBeCloseTo(1.1, 1);
    expect(line.error).toBeLessThan(0.3);
  });

  it('keeps its prior where nothing is observed: one x cannot say what the slope is', () => {
    const line = taught(2, 1, newLine(settings), [20]);
    expect(line.a + 20 * line.b).toBeCloseTo(22, 1);
    expect(line.b).toBeGreaterThan(0.9);
    expect(line.b).toBeLessThan(1.15);
  });

  it('has an error that rises when what it models changes, and falls as it follows', () => {
    const before = taught(0, 1);
    let after = before;
    for (let each = 0; each < 10; each += 1) after = observe(after, 20, 30, settings);
    expect(after.error).toBeGreaterThan(2);
    const later = taught(10, 1, after, [20, 22]);
    expect(later.error).toBeLessThan(0.5);
  });

  it('goes no farther than it may, and learns nothing of what is no number', () => {
    const line = taught(100, 50);
    expect(line.a).toBeLessThanOrEqual(12);
    expect(line.b).toBeLessThanOrEqual(2.5);
    expect(observe(line, Number.NaN, 5, settings)).toBe(line);
  });
});

describe('the fit of a room', () => {
  const plan = exampleRoom({ aisles: 1, racksPerRow: 1, serversPerRack: 2, opaqueEvery: 1 });
  const index = indexRoom(plan);

  const open = () => {
    const clock = manualClock(1_700_000_000_000);
    const book = createTelemetryBook(index.levels);
    const intake = createTelemetryIntake(
      book,
      {
        ...{ futureMsMax: 5_000, ageMsMax: 600_000, stuckMs: 1e9, sourceHoldMs: 5_000 },
        ...{ stuckPowerW: () => Infinity, readingsPerSecondMax: 1e6, sourcesMax: 4, smoothMs: 1 },
      },
      clock,
    );
    const room = createVirtualRoom(
      { plan, hourlyC: [] },
      index,
      {
        ...{ timeScale: 20, stepS: 1, stepsMax: 1_000, seed: 3, riseSpreadShare: 0.15 },
        ...{ mean: 0.6, swing: 0.3, restartAfterS: 60 },
      },
      clock.monotonicMs(),
    );
    const fit = createRoomFit(index);
    const estimate = createRoomEstimate(index, fit, room.outsideC);
    const work = { demand: new Map(), trouble: { disturbances: [], warmerK: 0 } };
    let lastS = 0;
    const run = (rounds: number, warmerK = 0): void => {
      for (let each = 0; each < rounds; each += 1) {
        clock.advance(250);
        room.advance(clock.monotonicMs(), work);
        const readings = readSensors(room.state, room.outsideC, () => 0).map((reading) =>
          reading.quantity === 'core_c' ? { ...reading, value: reading.value + warmerK } : reading,
        );
        intake.accept({ name: 'room', kind: 'room' }, clock.nowMs(), readings);
        const input = { nowMs: clock.nowMs(), plannedOutsideC: 20 };
        const view = viewRoom(index, book, input, defaultViewBounds);
        const surroundings = {
          outsideC: view.outsideC,
          disturbances: [],
          workOf: () => 'other' as const,
        };
        estimate.follow(view, room.plantS - lastS, surroundings);
        lastS = room.plantS;
        fit.learn(view, estimate.state, room.plantS);
      }
    };
    /** How far a model of each GPU is from the truth at the power that it draws, in K. */
    const offBy = (thermalOf: (gpu: number) => GpuThermalParameters): number => {
      const { layout, gpus } = room.state;
      const misses = layout.gpus.map(({ thermal: truth }, gpu) => {
        const powerW = gpus.powerW[gpu] ?? 0;
        const settled = (each: GpuThermalParameters) => each.offsetK + steadyRiseK(each, powerW);
        return Math.abs(settled(truth) - settled(thermalOf(gpu)));
      });
      return misses.reduce((sum, each) => sum + each, 0) / misses.length;
    };
    return { fit, run, offBy };
  };

  it('finds how each GPU differs from its class', () => {
    const { fit, run, offBy } = open();
    run(200);
    const unfitted = offBy((gpu) => index.layout.gpus[gpu]?.thermal ?? fit.thermal(gpu));
    expect(unfitted).toBeGreaterThan(1);
    expect(offBy(fit.thermal)).toBeLessThan(unfitted / 5);
    expect(fit.models().some(({ drifted }) => drifted)).toBe(false);
  });

  it('notices a cooler that fails, keeps a margin meanwhile, and follows', () => {
    const { fit, run } = open();
    run(200);
    run(60, 8);
    const drifted = fit.models().filter((each) => each.model === 'core' && each.drifted);
    expect(drifted.length).toBeGreaterThan(0);
    const marginsK = drifted.map(({ of }) => fit.marginK(index.gpus.get(of.id) ?? -1));
    expect(Math.min(...marginsK)).toBeGreaterThan(2);
    run(600, 8);
    expect(fit.models().filter((each) => each.drifted)).toEqual([]);
  });
});
