import { expect, test } from '@jest/globals';
import { ratedGpusW, type ServerKind, serverClasses } from '../fitted/server-classes.ts';
import { airRiseK } from './air.ts';
import {
  fanAirflowM3s,
  fanPowerW,
  fanResistanceShare,
  steadyServerPowerW,
  targetFanSpeed,
} from './server-power.ts';

const { fans } = serverClasses['dgx-h100'].server;

test('the air of a DGX H100 at 10.2 kW and 80 % fan speed warms by 16 K, as its user guide makes it', () => {
  expect(airRiseK(10_200, fanAirflowM3s(fans, 0.8))).toBeCloseTo(16.2, 1);
  expect(airRiseK(100, 0)).toBe(0);
});

test('twice the speed is twice the air and eight times the power', () => {
  expect(fanAirflowM3s(fans, 0.8) / fanAirflowM3s(fans, 0.4)).toBeCloseTo(2, 9);
  expect(fanPowerW(fans, 0.8) / fanPowerW(fans, 0.4)).toBeCloseTo(8, 9);
});

test.each([
  ['idle and cool', 0, 40, 0.4],
  ['busy and cool', 1, 40, 0.8],
  ['beyond its rating', 9, 40, 0.8],
  ['idle but hot', 0, 0, 1],
  ['far too hot', 0, -20, 1],
])('fans, %s', (_, loadShare, marginK, expected) => {
  expect(targetFanSpeed(fans, loadShare, marginK)).toBeCloseTo(expected, 9);
});

test('only fans that are faster than the load asks for cool better', () => {
  expect(fanResistanceShare(fans, 0.8, 1)).toBe(1);
  expect(fanResistanceShare(fans, 0.3, 0)).toBe(1);
  expect(fanResistanceShare(fans, 0.8, 0)).toBeLessThan(0.7);
});

test.each<[ServerKind, number]>([
  ['dgx-h100', 10_200],
  ['dgx-a100', 6_500],
])('%s at its rated power stays within what its vendor says, and near it', (kind, mostW) => {
  const { server } = serverClasses[kind];
  const gpusW = ratedGpusW(serverClasses[kind]);
  const watts = steadyServerPowerW(server, gpusW, gpusW);
  expect(watts).toBeLessThanOrEqual(mostW);
  expect(watts).toBeGreaterThan(0.9 * mostW);
});
