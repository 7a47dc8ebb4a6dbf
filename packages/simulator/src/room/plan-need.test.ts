import { describe, expect, it } from '@jest/globals';
import type { GpuState } from '@isotherm/policy';
import type { RatedLevel } from './level-states.ts';
import { planNeedOf } from './plan-need.ts';
import type { PlacedInstance } from './placed-instance.ts';

const level = (predictedW: number): RatedLevel => ({
  ...{ level: 'row', id: 'r1', parents: [], usedW: 50, predictedW, peakW: 50 },
  ...{ idleW: 0, limitW: 100 },
});
const gpu = (coreC: number): GpuState => ({
  id: 's/0',
  core: { nowC: coreC, predictedC: coreC, limitC: 83 },
  memory: { nowC: 50, predictedC: 50, limitC: 95 },
});
const placed = (clockShare: number): PlacedInstance =>
  ({ demand: { clockShare }, setting: { configuration: '', stopped: false } }) as PlacedInstance;

describe('whether a plan is needed', () => {
  it.each([
    ['nothing is near a limit, and nobody has given up anything', 50, 60, 1, 'none'],
    ['a row is where plans act', 98, 60, 1, 'limit'],
    ['a prediction is no number', Number.NaN, 60, 1, 'limit'],
    ['a GPU is where plans act', 50, 81, 1, 'limit'],
    ['somebody is slowed down', 50, 60, 0.8, 'release'],
    ['both', 98, 60, 0.8, 'limit'],
  ])('%s', (_, powerW, coreC, clockShare, expected) => {
    expect(planNeedOf([level(powerW)], [gpu(coreC)], [placed(clockShare)])).toBe(expected);
  });
});
