import { describe, expect, it } from '@jest/globals';
import { indexLevels } from '../headroom/level-index.ts';
import type { PlaceServer, PlaceWork } from './contract.ts';
import { exampleGpu, exampleLevels, exampleServer } from './example-placement.ts';
import { placeDefaults } from './place-instance.ts';
import { validateServer } from './validate.ts';

const settings = { ...placeDefaults, marginShare: 0, marginK: 0 };
const work: PlaceWork = { tenant: 'adjustable', gpus: 2, peakW: 400 };
const validate = (
  different: Partial<PlaceWork> = {},
  server: PlaceServer = exampleServer('s'),
  levels = exampleLevels(['s']),
) => {
  const result = validateServer(server, { ...work, ...different }, indexLevels(levels), settings);
  if (result.kind === 'dropped') return `${result.validator} ${result.at}`;
  return result.candidate.gpus.map(({ index }) => index).join(',');
};
const server = (...gpus: PlaceServer['gpus']): PlaceServer => exampleServer('s', gpus);

describe('a server is dropped', () => {
  it.each([
    ['server:s', 'server-power'],
    ['rack:k-s', 'rack-power'],
    ['row:r', 'row-power'],
    ['ups:u', 'ups-power'],
    ['aisle:a', 'aisle-air'],
  ])('where %s would be over its limit at the peak', (key, validator) => {
    const full = (peakW: number) => exampleLevels(['s'], { [key]: { peakW } });
    expect(validate({}, exampleServer('s'), full(601))).toBe(`${validator} ${key}`);
    expect(validate({}, exampleServer('s'), full(600))).toBe('0,1');
    expect(validate({}, exampleServer('s'), full(NaN))).toBe(`${validator} ${key}`);
  });

  it('where work of an unknown peak would be, in full', () => {
    expect(validate({ gpus: 1 })).toBe('0');
    const { peakW: _, ...unknown } = work;
    const wide = { 'server:s': { limitW: 1300 }, 'rack:k-s': { limitW: 1300 } };
    const levels = exampleLevels(['s'], { ...wide, 'row:r': { limitW: 1299 } });
    const result = validateServer(exampleServer('s'), unknown, indexLevels(levels), settings);
    expect(result).toEqual({ kind: 'dropped', validator: 'row-power', at: 'row:r' });
    expect(validate({ peakW: -900 }, exampleServer('s'), levels)).toBe('row-power row:r');
  });

  it.each<[string, Partial<PlaceWork>, PlaceServer, string]>([
    ['of another class', { serverKind: 'other' }, exampleServer('s'), 'server-kind class'],
    [
      'without enough free GPUs',
      {},
      server(exampleGpu(0), exampleGpu(1, 45, 45, false)),
      'free-gpus 1',
    ],
    [
      'with a GPU that would be too hot',
      {},
      server(exampleGpu(0), exampleGpu(1, 76, 45)),
      'gpu-temperature s/1',
    ],
    [
      'with memory that would be',
      {},
      server(exampleGpu(0, 45, 76), exampleGpu(1)),
      'gpu-temperature s/0',
    ],
    [
      'of which no temperature is known',
      {},
      server(exampleGpu(0, NaN), exampleGpu(1)),
      'gpu-temperature s/0',
    ],
  ])('%s', (_, different, given, expected) => {
    expect(validate(different, given)).toBe(expected);
  });

  it('that is at no known level', () => {
    expect(validate({}, exampleServer('stranger'))).toBe('known-level server:stranger');
  });
});

describe('the GPUs of a server that will do', () => {
  const mixed = server(exampleGpu(0, 70, 30), exampleGpu(1, 30, 70), exampleGpu(2, 76, 76));
  it('are those with room for the heat of the stage', () => {
    expect(validate({ gpus: 1, stage: 'prefill', peakW: 200 }, mixed)).toBe('1');
    expect(validate({ gpus: 1, stage: 'decode', peakW: 200 }, mixed)).toBe('0');
    expect(validate({ gpus: 2, stage: 'decode', peakW: 400 }, mixed)).toBe('0,1');
  });

  it('keep the margins', () => {
    const kept = { ...settings, marginShare: 0.2, marginK: 31 };
    const index = indexLevels(exampleLevels(['s']));
    const drop = (marginK: number) =>
      validateServer(exampleServer('s'), work, index, { ...kept, marginK });
    expect(drop(31)).toMatchObject({ validator: 'gpu-temperature' });
    expect(drop(30)).toMatchObject({ validator: 'server-power' });
  });
});
