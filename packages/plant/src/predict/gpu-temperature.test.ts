import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  type GpuThermalParameters,
  maxPowerForTemperature,
  nodesBehind,
  powerForRise,
  predictGpu,
  predictNodes,
  steadyGpu,
  steadyNodes,
  steadyRiseK,
  temperaturesOf,
} from './gpu-temperature.ts';

const gpu: GpuThermalParameters = {
  ...{ offsetK: 6, riseScale: 1, fastShare: 1 / 3, fastTauS: 0.8, slowTauS: 30 },
  rise: [
    { powerW: 0, riseK: 0 },
    { powerW: 200, riseK: 20 },
    { powerW: 400, riseK: 60 },
  ],
  memory: { offsetK: 2, riseKPerW: 0.1, tauS: 6 },
};

const heat = (powerW: number, inletC = 20) => ({ inletC, powerW, memoryPowerW: powerW * 0.3 });

describe('steadyRiseK', () => {
  test.each([
    [-10, 0],
    [0, 0],
    [100, 10],
    [200, 20],
    [300, 40],
    [400, 60],
    [500, 80],
  ])('%d W: %d K', (powerW, riseK) => {
    expect(steadyRiseK(gpu, powerW)).toBeCloseTo(riseK, 9);
    if (powerW >= 0) expect(powerForRise(gpu, riseK)).toBeCloseTo(powerW, 9);
  });
});

test('settled: inlet, offset and rise add up; the memory is above the heat sink', () => {
  expect(steadyGpu(gpu, heat(300))).toEqual({
    coreC: expect.closeTo(66, 9),
    memoryC: expect.closeTo(20 + 6 + (40 * 2) / 3 + 2 + 9, 9),
  });
});

test('after a drop of power a third goes within two seconds, the rest over tens of seconds', () => {
  const before = steadyNodes(gpu, heat(400));
  const fallen = (horizonS: number): number =>
    temperaturesOf(gpu, before).coreC - predictGpu(gpu, before, heat(200), horizonS).coreC;
  expect(fallen(2)).toBeGreaterThan(0.3 * 40);
  expect(fallen(2)).toBeLessThan(0.4 * 40);
  expect(fallen(30)).toBeGreaterThan(0.7 * 40);
  expect(fallen(300)).toBeCloseTo(40, 2);
});

test('one long step is as many short ones', () => {
  let nodes = steadyNodes(gpu, heat(50));
  const long = predictNodes(gpu, nodes, heat(350, 27), 20);
  for (let step = 0; step < 200; step += 1) nodes = predictNodes(gpu, nodes, heat(350, 27), 0.1);
  expect(nodes.sinkC).toBeCloseTo(long.sinkC, 9);
  expect(nodes.fastK).toBeCloseTo(long.fastK, 9);
  expect(nodes.memoryK).toBeCloseTo(long.memoryK, 9);
});

test('the nodes behind a measurement give it back', () => {
  const measured = { coreC: 61, memoryC: 66 };
  const found = temperaturesOf(gpu, nodesBehind(gpu, heat(250), measured));
  expect(found.coreC).toBeCloseTo(measured.coreC, 9);
  expect(found.memoryC).toBeCloseTo(measured.memoryC, 9);
});

test('the most power for a limit reaches it, and not more', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0, max: 400, noNaN: true }),
      fc.double({ min: 15, max: 35, noNaN: true }),
      fc.constantFrom(1, 10, 60, 600),
      (powerW, inletC, horizonS) => {
        const nodes = steadyNodes(gpu, heat(powerW, 20));
        const limitC = 85;
        const mostW = maxPowerForTemperature(gpu, nodes, { inletC, limitC, horizonS });
        if (mostW === 0) return;
        const reached = predictGpu(gpu, nodes, heat(mostW, inletC), horizonS).coreC;
        expect(reached).toBeCloseTo(limitC, 6);
      },
    ),
  );
});

test('no power is left where the inlet alone is too much', () => {
  const nodes = steadyNodes(gpu, heat(0, 90));
  expect(maxPowerForTemperature(gpu, nodes, { inletC: 90, limitC: 85, horizonS: Infinity })).toBe(
    0,
  );
});
