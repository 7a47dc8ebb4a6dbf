import { describe, expect, it } from '@jest/globals';
import { instanceId } from '@isotherm/kernel';
import type { InstanceRecord } from '@isotherm/lanes';
import { exampleRoom } from '@isotherm/plant';
import { type PlacedInstance, placeOf } from '../instances/instance-book.ts';
import { indexRoom } from '../topology/room-index.ts';
import { type FreshCommands, toCome } from './to-come.ts';

const index = indexRoom(exampleRoom());
const on = (server: string): PlacedInstance => {
  const record: InstanceRecord = {
    ...{ id: instanceId(`on-${server}`), stage: 'decode' },
    ...{ address: '127.0.0.1:1', capacity: 8, contextMax: 1024, startedMs: 0 },
    ...{ place: `${server}/0`, state: 'serving', model: 'panel' },
  };
  const load = {
    ...{ utilisation: 0.6, batch: 4, clockShare: 1, powerW: 0, precision: 'bf16', atMs: 0 },
    ...{ model: '', threads: 0, batchMax: 0 },
  };
  return { record, ...placeOf(record, index), load };
};
const instances = [on('r1-k1-s1'), on('r1-k1-s2')];
const commands = (different: Partial<FreshCommands>): FreshCommands => ({
  isFresh: (id) => id === 'on-r1-k1-s1',
  isStopped: () => false,
  clockShareOf: () => 1,
  precisionOf: () => undefined,
  speedOf: () => 1,
  busyOf: () => 0.6,
  limitsW: new Map(),
  ...different,
});
const demandAt = (different: Partial<FreshCommands>) =>
  toCome(instances, index.layout, commands(different)).demand;

describe('what is to come', () => {
  it('is the work that a commanded instance will do, and nothing of others', () => {
    const demand = demandAt({ clockShareOf: () => 0.8, speedOf: () => 0.8 });
    expect([...demand.keys()]).toEqual(['r1-k1-s1/0']);
    expect(demand.get([...demand.keys()][0] as never)).toMatchObject({
      ...{ clockShare: 0.8, utilisation: expect.closeTo(0.75) },
    });
  });

  it('is no more work than fits into the time', () => {
    const [own] = demandAt({ speedOf: () => 0.3 }).values();
    expect(own?.utilisation).toBe(1);
  });

  it('is work in the precision that is to be loaded', () => {
    const [own] = demandAt({ precisionOf: () => 'fp8', speedOf: () => 1.2 }).values();
    expect(own).toMatchObject({ precision: 'fp8', utilisation: 0.5 });
  });

  it('is no work where nobody sends any more', () => {
    const [own] = demandAt({ isStopped: () => true }).values();
    expect(own?.utilisation).toBe(0);
  });

  it('is nothing once a command shows', () => {
    expect(demandAt({ isFresh: () => false }).size).toBe(0);
  });
});
