import { expect, it } from '@jest/globals';
import { bearableReplicas } from './bearable-replicas.ts';

const left = { running: 3, leftW: 2500, instanceW: 1000, temperatureShare: 0.5 };

it.each([
  ['what the power that is left is enough for', {}, 5],
  ['no more where it is hot', { temperatureShare: 0.05 }, 3],
  ['no more where nobody knows how warm it is', { temperatureShare: Number.NaN }, 3],
  ['what runs, also past a limit', { leftW: -4000 }, 3],
  ['any number of what draws nothing', { instanceW: 0 }, Number.POSITIVE_INFINITY],
])('%s', (_, different, expected) => {
  expect(bearableReplicas({ ...left, ...different })).toBe(expected);
});
