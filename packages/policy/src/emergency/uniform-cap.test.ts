import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { loopRooms } from '../reconfigure/testing/example-loop.ts';
import { exampleAdjustable, exampleOpaque, examplePlanRoom } from '../reconfigure/example-plan.ts';
import { emergencyDefaults, planEmergency } from './plan-emergency.ts';
import { planUniformCap } from './uniform-cap.ts';
import { withEmergency } from './with-emergency.ts';

describe('uniform capping', () => {
  it('takes the same share of everyone', () => {
    const pair = [exampleAdjustable('ours', 's'), exampleOpaque('theirs', 's')];
    const room = examplePlanRoom(pair, { 'row:r': { limitW: 600, predictedW: 650 } });
    // 68 of 650 W.
    const { actions } = planUniformCap(room);
    expect(actions).toMatchObject([
      { instance: 'ours', kind: 'cap', capW: expect.closeTo(250 * (582 / 650), 6) },
      { instance: 'theirs', kind: 'cap', capW: expect.closeTo(400 * (582 / 650), 6) },
    ]);
  });

  it('does nothing while limits are kept', () => {
    expect(planUniformCap(examplePlanRoom([exampleOpaque('o', 's')])).actions).toEqual([]);
  });

  it('takes more of others than an emergency plan, at power of three quarters (property)', () => {
    let [uniformW, plannedW] = [0, 0];
    const settings = { ...emergencyDefaults, shedShareMax: 1 };
    fc.assert(
      fc.property(loopRooms({ limitMin: 1 }), (start) => {
        const room = withEmergency(start, { kind: 'power', share: 0.75 });
        const planned = planEmergency(room, { reconfigure: true, route: true }, settings);
        const uniform = planUniformCap(room, settings);
        uniformW += uniform.losses.opaqueW;
        plannedW += planned.losses.opaqueW;
      }),
      { numRuns: 100 },
    );
    expect(plannedW).toBeLessThan(uniformW / 2);
  });
});
