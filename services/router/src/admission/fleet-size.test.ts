import { describe, expect, it } from '@jest/globals';
import { instanceId, type Stage } from '@isotherm/kernel';
import type { InstanceView } from '@isotherm/policy';
import { createFleetSize } from './fleet-size.ts';

const instance = (
  stage: Stage,
  capacity: number,
  different: Partial<InstanceView> = {},
): InstanceView => ({
  ...{ id: instanceId(stage), stage, model: 'panel', ready: true, capacity, contextMax: 512 },
  ...{ bookedTokens: 0, reportedTokens: 0, kvBytes: 0, kvBytesMax: 0, cacheKeys: new Set() },
  ...different,
});

/** A fleet that counts how often it is looked at. */
const fleetOf = (views: readonly InstanceView[], routerCount = 1) => {
  const fleet = {
    ...{ revision: 1, looked: 0, current: views, routerCount, nowMs: 1000 },
    views: (): readonly InstanceView[] => {
      fleet.looked += 1;
      return fleet.current;
    },
  };
  const size = createFleetSize({
    ...{ model: 'panel', takes: 'tensors', fleet },
    ...{ routers: () => fleet.routerCount, nowMs: () => fleet.nowMs },
  });
  return { fleet, size };
};

describe('the size of a fleet', () => {
  it('counts the instances of the model that take such work', () => {
    const { size } = fleetOf([
      ...[instance('prefill', 2), instance('prefill', 3), instance('decode', 32)],
      instance('prefill', 9, { model: 'other' }),
      instance('decode', 9, { takes: 'conversation' }),
      instance('encode', 9, { ready: false }),
    ]);
    expect(size()).toEqual({
      encode: { instances: 0, capacity: 0 },
      prefill: { instances: 2, capacity: 5 },
      decode: { instances: 1, capacity: 32 },
      whole: { instances: 0, capacity: 0 },
    });
  });

  it('looks at the fleet again when something has changed, and not before', () => {
    const { fleet, size } = fleetOf([instance('prefill', 2)]);
    for (let times = 0; times < 100; times++) size();
    expect(fleet.looked).toBe(1);
    fleet.current = [instance('prefill', 5)];
    fleet.revision += 1;
    expect(size().prefill.capacity).toBe(5);
    expect(fleet.looked).toBe(2);
  });

  it('is an equal part among routers, or what others leave', () => {
    const busy = instance('decode', 32, { bookedTokens: 90, reportedTokens: 120 });
    const { fleet, size } = fleetOf([busy], 2);
    expect(size().decode).toEqual({ instances: 0.75, capacity: 24 });
    fleet.current = [{ ...busy, bookedTokens: 0 }];
    expect(size().decode.capacity).toBe(24);
    fleet.nowMs += 200;
    expect(size().decode.capacity).toBe(16);
    fleet.routerCount = 1;
    expect(size().decode.capacity).toBe(32);
    fleet.routerCount = 4;
    expect(size().decode.capacity).toBe(8);
  });
});
