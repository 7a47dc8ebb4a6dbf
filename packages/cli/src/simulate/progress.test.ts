import { expect, it } from '@jest/globals';
import { durationText, progressLine } from './progress.ts';

it('a bar says how far it is, and when it will be done at this pace', () => {
  expect(progressLine([1, 0.5, 0, 0.5], 60_000, 100)).toBe(
    '[####################....................] 50 %, 1 of 4 runs, 1 min 0 s left',
  );
  expect(progressLine([0], 10, 20)).toBe('[..........] 0 %, 0 of 1 runs, ? left');
});

it.each([
  [59_400, '59 s'],
  [61_000, '1 min 1 s'],
  [7_260_000, '2 h 1 min'],
])('%d ms are %s', (ms, text) => {
  expect(durationText(ms)).toBe(text);
});
