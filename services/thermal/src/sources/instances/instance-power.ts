import { gpuIdsOf } from '@isotherm/plant';
import type { PlacedInstance } from '../../instances/instance-book.ts';
import type { RawReading } from '../../telemetry/reading.ts';
import type { Look } from '../polling/polling-source.ts';

/**
 * The watts that instances say they draw, in even parts on the GPUs at their places. What several instances on a GPU say adds
 * up. An instance that says nothing (0) adds nothing, and neither does one that was not heard for `staleMs`.
 */
export const instancePowerReadings = (
  instances: readonly PlacedInstance[],
  nowMs: number,
  staleMs: number,
): readonly RawReading[] => {
  const watts = new Map<string, number>();
  for (const { place, load } of instances) {
    if (place === undefined || load === undefined || nowMs - load.atMs > staleMs) continue;
    // What is no number must not hide: the intake says so.
    if (load.powerW === 0) continue;
    const gpus = gpuIdsOf(place);
    for (const gpu of gpus) watts.set(gpu, (watts.get(gpu) ?? 0) + load.powerW / gpus.length);
  }
  return [...watts].map(([id, value]) => ({ level: 'gpu', id, quantity: 'power_w', value }));
};

export const instancePowerLook =
  (
    instances: () => readonly PlacedInstance[],
    nowMs: () => number,
    staleMs: number,
  ): (() => Promise<Look>) =>
  () => {
    const readings = instancePowerReadings(instances(), nowMs(), staleMs);
    if (readings.length > 0) return Promise.resolve({ readings });
    return Promise.reject(new Error('No instance with a place says what it draws.'));
  };
