import { describe, expect, it } from '@jest/globals';
import { drawOf } from './draw.ts';
import { exampleProfile } from './example-plan.ts';

// 100 of load at 400 W and 40 K, 100 W idle.
const profile = exampleProfile();
const open = { stopped: false };

describe('what an instance draws', () => {
  it.each([
    ['nothing to do', open, 0, 100, 10, 100],
    ['half of its goodput', open, 50, 250, 25, 100],
    ['all of it', open, 100, 400, 40, 100],
    ['more than it can', open, 300, 400, 40, 100],
    ['a cap that does not bind now', { ...open, capW: 340 }, 50, 250, 25, 80],
    ['a cap that binds', { ...open, capW: 250 }, 100, 250, 25, 50],
    ['a cap below idle', { ...open, capW: 20 }, 100, 100, 10, 0],
    ['no new work', { stopped: true }, 100, 100, 10, 0],
    ['a load that is no number', open, NaN, 100, 10, 100],
  ] as const)('with %s', (_, setting, load, powerW, coreK, capacity) => {
    expect(drawOf(profile, setting, load)).toEqual({
      ...{ powerW, coreK, memoryK: coreK / 2, capacity, quality: 1 },
    });
  });

  it('is finite where a profile has no goodput, or no power above idle', () => {
    const nothing = exampleProfile({}, { goodput: 0, fullW: 0, idleW: 0 });
    expect(drawOf(nothing, { ...open, capW: 10 }, 5)).toMatchObject({ powerW: 0, capacity: 0 });
    const flat = exampleProfile({}, { idleW: 400 });
    expect(drawOf(flat, { ...open, capW: 10 }, 5)).toMatchObject({ powerW: 400, capacity: 0 });
  });
});
