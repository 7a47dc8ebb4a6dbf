import { describe, expect, it } from '@jest/globals';
import { instanceId, manualClock } from '@isotherm/kernel';
import { controlLaneName, memoryFabric } from '@isotherm/lanes';
import type { ReconfigureRequestInput } from '@isotherm/proto';
import { silentLogger } from '@isotherm/runtime';
import type { InstanceLoad, PlacedInstance } from '../instances/instance-book.ts';
import { createActuator, type WantedConfiguration } from './actuator.ts';

const options = { retriesMax: 1, followMsMax: 1_000, intervalMs: 100 };
const id = instanceId('one');

/** `before`: the clock that an earlier service commanded. */
const open = async (before?: number) => {
  const clock = manualClock(0);
  const fabric = memoryFabric({});
  const noted: [string, number][] = [];
  const actuator = createActuator(
    fabric,
    {
      ...options,
      isCommandedBefore: (_, clockShare) => clockShare === before,
      note: (instance, clockShare) => noted.push([instance, clockShare]),
    },
    clock,
    silentLogger(),
  );

  const heard: ReconfigureRequestInput[] = [];
  const consumer = await fabric.lanes.consume<ReconfigureRequestInput>(
    controlLaneName(id),
    ({ body }) => {
      heard.push(body);
      return Promise.resolve();
    },
    { concurrency: 1 },
  );
  const reconcile = async (
    wanted: WantedConfiguration,
    clockShare: number | undefined,
  ): Promise<void> => {
    const known = { clockShare, precision: 'fp32', batchMax: 0 } as InstanceLoad;
    const load = clockShare === undefined ? undefined : known;
    const instance = { record: { id }, load, gpus: [] } as unknown as PlacedInstance;
    actuator.reconcile([instance], new Map([['one', wanted]]));
    await new Promise((resolve) => setImmediate(resolve));
    await consumer.pause();
  };
  const close = async (): Promise<void> => {
    await consumer.close();
    await actuator.close();
    await fabric.close();
  };
  return { clock, actuator, heard, noted, reconcile, close };
};

describe('the actuator of instances', () => {
  it('sends nothing to who already runs as wanted', async () => {
    const { actuator, reconcile, close } = await open();
    await reconcile({}, 1);
    expect(actuator.counts).toEqual({ sent: 0, followed: 0, failed: 0 });
    await close();
  });

  it('sends a command once and sees in the status that it is followed', async () => {
    const { actuator, heard, noted, reconcile, close } = await open();
    await reconcile({ clockShare: 0.6 }, 1);
    expect(noted).toEqual([['one', 0.6]]);
    expect(heard).toEqual([{ clockShare: 0.6, batchMax: 0 }]);
    expect(actuator.outcomeOf('one')).toBe('pending');
    await reconcile({ clockShare: 0.6 }, 0.6);
    expect(actuator.outcomeOf('one')).toBe('followed');
    expect(actuator.counts).toEqual({ sent: 1, followed: 1, failed: 0 });
    await close();
  });

  it('brings back who a service before this one had slowed down, once its load is known', async () => {
    const { actuator, heard, reconcile, close } = await open(0.5);
    await reconcile({ clockShare: 1 }, 0.5);
    expect(heard).toEqual([{ clockShare: 1, batchMax: 0 }]);
    await reconcile({ clockShare: 1 }, 1);
    expect(actuator.counts).toEqual({ sent: 1, followed: 1, failed: 0 });
    await close();
    const other = await open(0.5);
    await other.reconcile({ clockShare: 1 }, undefined);
    expect(other.actuator.counts.sent).toBe(0);
    await other.reconcile({ clockShare: 1 }, 0.5);
    expect(other.actuator.counts.sent).toBe(1);
    await other.close();
  });

  it('leaves alone whom a person has slowed down, before it or later', async () => {
    const { actuator, reconcile, close } = await open();
    await reconcile({ clockShare: 1 }, 1);
    await reconcile({ clockShare: 1 }, 0.5);
    expect(actuator.counts.sent).toBe(0);
    await close();
    const other = await open(0.7);
    await other.reconcile({ clockShare: 1 }, 0.5);
    expect(other.actuator.counts.sent).toBe(0);
    await other.close();
  });

  it('repeats what is not followed so often, then says that it failed', async () => {
    const { clock, actuator, reconcile, close } = await open();
    await reconcile({ clockShare: 0.6 }, 1);
    for (let second = 0; second < 5; second += 1) {
      clock.advance(1_000);
      await reconcile({ clockShare: 0.6 }, 1);
    }
    expect(actuator.counts).toEqual({ sent: 2, followed: 0, failed: 1 });
    expect(actuator.outcomeOf('one')).toBe('failed');
    await close();
  });

  it('takes small changes for none, but not the way back to a full clock', async () => {
    const { clock, actuator, reconcile, close } = await open();
    await reconcile({ clockShare: 0.97 }, 1);
    clock.advance(1_000);
    await reconcile({ clockShare: 0.98 }, 0.97);
    expect(actuator.counts.sent).toBe(1);
    clock.advance(1_000);
    await reconcile({ clockShare: 1 }, 0.97);
    expect(actuator.counts.sent).toBe(2);
    await close();
  });
});
