import { expect, test } from '@jest/globals';
import { parseHours } from './hourly.ts';

const head =
  '\uFEFFname\ttimestamp\tpowerave\tpowermin\tpowermax\ttempave\ttempmin\ttempmax\tutilave';
const line = (at: string, ...figures: readonly (number | string)[]): string =>
  ['host', `${at}:00:00.000`, ...figures, 30, 40, 0].join('\t');

test('hours oldest first; a mark before, a word after, zeros and gaps left out', () => {
  const hours = parseHours(
    [
      head,
      line('2025-01-01 01', 120, 50, 190, 45.5),
      line('2025-01-01 00', 60, 50, 70, 35),
      line('2024-12-31 23', 0.0, 0.0, 0.0, 35),
      line('2024-12-31 22', 60, 50, 70, ''),
      line('2024-12-31 21', 'NaN', 50, 70, 30),
      '',
      'Completion time: 2025-01-01T02:35:47.0119102-04:00',
    ].join('\r\n'),
  );
  expect(hours.map(({ powerW, temperatureC }) => [powerW, temperatureC])).toEqual([
    [60, 35],
    [120, 45.5],
  ]);
  expect(hours.map(({ month }) => month)).toEqual([2025 * 12, 2025 * 12]);
  expect((hours[1]?.atH ?? 0) - (hours[0]?.atH ?? 0)).toBe(1);
});

test('another file is refused', () => {
  expect(() => parseHours('a\tb\n1\t2')).toThrow('no column name');
});
