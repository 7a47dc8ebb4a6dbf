import { describe, expect, it } from '@jest/globals';
import { parsePlace } from '@isotherm/plant';
import type { PlacedInstance } from '../../instances/instance-book.ts';
import { instancePowerLook, instancePowerReadings } from './instance-power.ts';

const instance = (place: string | undefined, powerW: number, atMs = 1_000): PlacedInstance =>
  ({
    place: place === undefined ? undefined : parsePlace(place),
    load: { powerW, atMs },
  }) as unknown as PlacedInstance;

describe('the watts of instances', () => {
  it('lie in even parts on the GPUs of their places, and add up', () => {
    const readings = instancePowerReadings(
      [instance('s1/0,1', 800), instance('s1/1', 50), instance('s2/0', 0), instance(undefined, 9)],
      1_000,
      100,
    );
    expect(readings).toEqual([
      { level: 'gpu', id: 's1/0', quantity: 'power_w', value: 400 },
      { level: 'gpu', id: 's1/1', quantity: 'power_w', value: 450 },
    ]);
  });

  it('are those of instances that were heard', () => {
    expect(instancePowerReadings([instance('s1/0', 800, 800)], 1_000, 100)).toEqual([]);
  });

  it('that are no number stay none, for the intake to say so', () => {
    expect(instancePowerReadings([instance('s1/0', Number.NaN)], 1_000, 100)[0]?.value).toBeNaN();
  });

  it('are missed with a sentence', async () => {
    const look = instancePowerLook(
      () => [],
      () => 0,
      100,
    );
    await expect(look()).rejects.toThrow('No instance with a place');
  });
});
