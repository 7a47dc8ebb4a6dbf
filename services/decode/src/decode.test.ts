import { once } from 'node:events';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { type Fabric, memoryFabric } from '@isotherm/lanes';
import { createPeers, faultOf } from '@isotherm/rpc';
import { readSettings, type RunningService, silentLogger } from '@isotherm/runtime';
import { stageSettings } from '@isotherm/stage';
import { startDecode } from './decode.ts';

const peers = createPeers();
let fabric: Fabric;
let instance: RunningService;

beforeAll(async () => {
  fabric = memoryFabric();
  const environment = { REDIS_URL: 'none: lanes are in memory', ISOTHERM_ENGINE: 'profile' };
  instance = await startDecode(readSettings(stageSettings, environment), fabric, silentLogger());
});
afterAll(async () => {
  peers.close();
  await instance.stop();
  await fabric.close();
});

const watch = (routerId: string, instanceId: string) =>
  peers.decode(instance.address).watch({ routerId, instanceId });

it('speaks to a router that means it, and to one that does not say whom it means', async () => {
  for (const named of [String(instance.facts['instance']), '']) {
    const stream = watch(`router ${named}`, named);
    const [{ events }] = await once(stream, 'data');
    expect(events[0].load.capacity).toBeGreaterThan(0);
    stream.on('error', () => undefined).cancel();
  }
});

it('refuses a router that means an earlier one at its address, and keeps its other stream', async () => {
  const kept = watch('router', String(instance.facts['instance']));
  await once(kept, 'data');
  const stray = watch('router', 'decode-of-yesterday');
  const [error] = await once(stray, 'error');
  expect(faultOf(error).code).toBe('not_found');
  await once(kept, 'data');
  kept.on('error', () => undefined).cancel();
});
