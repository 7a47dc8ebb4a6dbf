import { describe, expect, it } from '@jest/globals';
import { exampleLevel, exampleParent } from '../headroom/example-room.ts';
import { indexLevels } from '../headroom/level-index.ts';
import { constraintsOf, reachOf } from './constraint.ts';
import { exampleGpuState } from './example-plan.ts';
import { planDefaults } from './plan-reconfiguration.ts';

describe('constraints', () => {
  it('are power of levels, and temperatures of both parts of each GPU', () => {
    const levels = [exampleLevel('row', 'r', { predictedW: 700 })];
    const found = constraintsOf({ levels, gpus: [exampleGpuState('s/0', 60, 50)] }, planDefaults);
    expect(found).toEqual([
      {
        ...{ key: 'row:r', unit: 'W', at: 700, limit: 1000 },
        ...{ engage: 970, target: 940, release: 880 },
      },
      { key: 'core:s/0', unit: 'K', at: 60, limit: 85, engage: 82, target: 80, release: 76 },
      { key: 'memory:s/0', unit: 'K', at: 50, limit: 85, engage: 82, target: 80, release: 76 },
    ]);
  });

  it('feel an instance by its power, or by the rise of its own GPUs', () => {
    const index = indexLevels([
      exampleLevel('server', 's', { parents: [exampleParent('row:r', 0.5)] }),
      exampleLevel('row', 'r'),
    ]);
    expect(reachOf({ server: 's', gpus: [0, 3] }, index)).toEqual([
      { key: 'server:s', part: 'powerW', weight: 1 },
      { key: 'row:r', part: 'powerW', weight: 0.5 },
      ...['s/0', 's/3'].flatMap((id) => [
        { key: `gpu:${id}`, part: 'powerW', weight: 0.5 },
        { key: `core:${id}`, part: 'coreK', weight: 1 },
        { key: `memory:${id}`, part: 'memoryK', weight: 1 },
      ]),
    ]);
  });
});
