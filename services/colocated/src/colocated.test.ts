import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { deferred } from '@isotherm/kernel';
import { type Fabric, memoryFabric } from '@isotherm/lanes';
import { callUnary, createPeers } from '@isotherm/rpc';
import { readSettings, type RunningService, silentLogger } from '@isotherm/runtime';
import { startColocated } from './colocated.ts';
import { colocatedSettings } from './settings.ts';

const peers = createPeers();
afterAll(() => peers.close());

let fabric: Fabric;
beforeEach(() => {
  fabric = memoryFabric();
});
afterEach(() => fabric.close());

const start = (environment: Readonly<Record<string, string>>): Promise<RunningService> => {
  const base = { REDIS_URL: 'none: lanes are in memory', ISOTHERM_ENGINE: 'profile' };
  const settings = readSettings(colocatedSettings, { ...base, ...environment });
  return startColocated(settings, fabric, silentLogger());
};

const drain = (address: string): Promise<unknown> =>
  callUnary((callback) =>
    peers.stage(address).drain({ graceMs: 100 }, { deadline: Date.now() + 5000 }, callback),
  );

const stages = async (): Promise<readonly string[]> =>
  (await fabric.registry.list()).map(({ stage }) => stage).toSorted();

describe('stages that share a process', () => {
  it('are each an instance of its own, and end with the last of them', async () => {
    const service = await start({ ISOTHERM_ENCODERS: '2', ISOTHERM_DECODES: '1' });
    const instances = await fabric.registry.list();
    expect(await stages()).toEqual(['decode', 'encode', 'encode']);
    expect(new Set(instances.map(({ address }) => address)).size).toBe(3);
    expect(service.hosted).toEqual(
      expect.arrayContaining(
        instances.map(({ id, stage, address, model }) => ({ instance: id, stage, address, model })),
      ),
    );
    for (const { address, stage } of instances) if (stage === 'encode') await drain(address);
    await left(['decode']);
    for (const { address, stage } of instances) if (stage === 'decode') await drain(address);
    expect(await service.ended).toBeUndefined();
    await service.stop();
    expect(await stages()).toEqual([]);
  });

  it('all stop when they are told to', async () => {
    const service = await start({ ISOTHERM_PREFILLS: '1', ISOTHERM_DECODES: '1' });
    await service.stop();
    expect(await stages()).toEqual([]);
    expect(await service.ended).toBeUndefined();
  });

  it.each([
    [{}, /No instance is to run here.*ISOTHERM_ENCODERS/],
    [{ ISOTHERM_DECODES: '1' }, /Only one instance is to run here/],
    [{ ISOTHERM_DECODES: '2', ISOTHERM_LISTEN: '0.0.0.0:50060' }, /0\.0\.0\.0:50060.*port 0/],
    [
      { ISOTHERM_DECODES: '2', ISOTHERM_ADVERTISE_PORT: '50060' },
      /ISOTHERM_ADVERTISE_PORT is 50060/,
    ],
    [{ ISOTHERM_DECODES: '2', ISOTHERM_ENGINE: 'upstream' }, /^decode: A server runs its model/],
    [
      { ISOTHERM_ENCODERS: '1', ISOTHERM_DECODES: '1', ISOTHERM_PROFILE: '{"slots": "many"}' },
      /^encoder: .*slots/,
    ],
  ])('do not start with %j, and leave nothing', async (environment, message) => {
    await expect(start(environment)).rejects.toThrow(message);
    expect(await stages()).toEqual([]);
  });
});

/** Waits until the registry holds just these. */
const left = async (wanted: readonly string[]): Promise<void> => {
  const reached = deferred<void>();
  const watch = await fabric.registry.watch((records) => {
    if (records.map(({ stage }) => stage).join() === wanted.join()) reached.resolve();
  });
  await reached.promise;
  await watch.close();
};
