import { expect, test } from '@jest/globals';
import { throttleReasonsOf } from './throttle-reasons.ts';

test.each([
  [0, []],
  [0x1, ['GpuIdle']],
  [0x68, ['HwSlowdown', 'SwThermalSlowdown', 'HwThermalSlowdown']],
  [0x84, ['SwPowerCap', 'HwPowerBrakeSlowdown']],
])('mask %d', (mask, expected) => {
  expect(throttleReasonsOf(mask)).toEqual(expected);
});
