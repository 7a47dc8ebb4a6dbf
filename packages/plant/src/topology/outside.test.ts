import { describe, expect, test } from '@jest/globals';
import { parseEpw } from './epw.ts';
import { outsideAtC } from './outside.ts';

describe('outsideAtC', () => {
  const steps = {
    kind: 'steps',
    points: [
      { atS: 10, temperatureC: 20 },
      { atS: 20, temperatureC: 30 },
      { atS: 20, temperatureC: 40 },
    ],
  } as const;

  test.each([
    [0, 20],
    [10, 20],
    [15, 25],
    [19.9, 29.9],
    [20, 40],
    [1e9, 40],
  ])('steps at %d s: %d °C', (atS, expected) => {
    expect(outsideAtC(steps, atS)).toBeCloseTo(expected, 9);
  });

  test('a weather file from its hour on, and over its end', () => {
    const epw = { kind: 'epw', file: 'x.epw', startHour: 2 } as const;
    expect(outsideAtC(epw, 0, [1, 2, 3])).toBe(3);
    expect(outsideAtC(epw, 1800, [1, 2, 3])).toBe(2);
    expect(outsideAtC(epw, 3600, [1, 2, 3])).toBe(1);
  });
});

describe('parseEpw', () => {
  const header = [
    'LOCATION,Nowhere',
    'DESIGN',
    'TYPICAL',
    'GROUND',
    'HOLIDAYS',
    'C1',
    'C2',
    'DATA',
  ];
  const hour = (dryBulb: string): string => `2021,1,1,1,0,?9,${dryBulb},-6.1,33,97058`;
  const file = (...fields: readonly string[]): string =>
    [...header, ...fields.map(hour), ''].join('\r\n');

  test('the seventh field of each hour', () => {
    expect(parseEpw(file('8.30', '-2'))).toEqual({ kind: 'ok', hourlyC: [8.3, -2] });
  });

  test('a missing hour is as the one before', () => {
    expect(parseEpw(file('8', '99.9', '9'))).toEqual({ kind: 'ok', hourlyC: [8, 8, 9] });
  });

  test.each([
    ['another file', 'name,timestamp\n1,2'],
    ['no hours', file()],
    ['a word for a number', file('warm')],
    ['nothing for a number', file('')],
    ['its first hour missing', file('99.9')],
    ['a year too long', file(...Array.from({ length: 8_785 }, () => '1'))],
  ])('%s is refused', (_, text) => {
    expect(parseEpw(text).kind).toBe('refused');
  });
});
