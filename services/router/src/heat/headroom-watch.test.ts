import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { ServerWritableStream } from '@grpc/grpc-js';
import { instanceId } from '@isotherm/kernel';
import {
  type MemoryFabric,
  memoryFabric,
  type Registration,
  type ThermalRecord,
} from '@isotherm/lanes';
import type {
  InstanceHeadroomInput,
  WatchHeadroomRequest,
  WatchHeadroomResponseInput,
} from '@isotherm/proto';
import { createPeers, type Peers, protos, type RunningServer, startServer } from '@isotherm/rpc';
import { silentLogger } from '@isotherm/runtime';
import { type HeadroomWatch, watchHeadroom } from './headroom-watch.ts';

type WatchCall = ServerWritableStream<WatchHeadroomRequest, WatchHeadroomResponseInput>;

/** A thermal service that says what a test tells it to. */
interface Service {
  readonly record: ThermalRecord;
  readonly registration: Registration<ThermalRecord>;
  readonly server: RunningServer;
  say(message: WatchHeadroomResponseInput): void;
  readonly watchers: readonly string[];
}

const one = instanceId('decode-1');
const two = instanceId('decode-2');
const aging = { headroomFreshMs: 1000, headroomForgetMs: 5000, headroomConservativeShare: 0.25 };

let fabric: MemoryFabric;
let peers: Peers;
let clockMs: number;
let services: Service[];
let watch: HeadroomWatch;
beforeEach(async () => {
  fabric = memoryFabric();
  peers = createPeers();
  clockMs = 0;
  services = [];
  const options = { ...aging, routerId: 'router-1', peers, silenceMs: 60_000 };
  const nowMs = (): number => clockMs;
  watch = await watchHeadroom(fabric.thermals, { ...options, nowMs }, silentLogger());
});
afterEach(async () => {
  await watch.close();
  peers.close();
  for (const { server } of services) await server.close(0);
  await fabric.close();
});

const startService = async (id: string, startedMs: number): Promise<Service> => {
  const calls: WatchCall[] = [];
  const watchers: string[] = [];
  const server = await startServer({
    ...{ listen: '127.0.0.1:0', advertiseHost: '127.0.0.1', reflection: false },
    services: [
      {
        definition: protos.isotherm.thermal.v1.ThermalService.service,
        implementation: {
          WatchHeadroom: (call: WatchCall) => {
            watchers.push(call.request.watcher ?? '');
            calls.push(call);
            call.on('cancelled', () => void calls.splice(calls.indexOf(call), 1));
          },
        },
      },
    ],
  });
  const record: ThermalRecord = { id, address: server.address, startedMs, state: 'serving' };
  const registration = await fabric.thermals.announce(record);
  const service = {
    ...{ record, registration, server, watchers },
    say: (message: WatchHeadroomResponseInput) => {
      for (const call of calls) call.write(message);
    },
  };
  services.push(service);
  return service;
};

const said = (id: string, different: InstanceHeadroomInput = {}): InstanceHeadroomInput => ({
  ...{ instanceId: id, powerShare: 0.9, coreShare: 0.8, memoryShare: 0.7 },
  binding: { kind: 'row', id: 'r1' },
  ...different,
});

/** Waits until what the router knows is as wanted. */
const until = async (holds: () => boolean): Promise<void> => {
  const deadlineMs = performance.now() + 5000;
  while (!holds()) {
    if (performance.now() > deadlineMs) throw new Error('not within 5 s');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
};
const of = (id: typeof one) => watch.of(id, clockMs);

describe('what a router knows of heat', () => {
  it('is nothing without a thermal service', () => {
    expect(of(one)).toBeUndefined();
    expect(watch.status()).toMatchObject({ state: 'none', ageMs: 0 });
  });

  it('is what the service says, whole and by changes', async () => {
    const service = await startService('thermal-1', 1);
    await until(() => service.watchers.length > 0);
    expect(service.watchers).toEqual(['router-1']);
    service.say({ whole: true, instances: [said(one), said(two)] });
    await until(() => of(two) !== undefined);
    expect(of(one)).toEqual({
      ...{ powerShare: 0.9, coreShare: 0.8, memoryShare: 0.7 },
      ...{ binding: { level: 'row', id: 'r1' }, conservative: false },
    });
    service.say({ instances: [said(one, { coreShare: 0.1 })], removed: [two] });
    await until(() => of(two) === undefined);
    expect(of(one)?.coreShare).toBe(0.1);
    const { address } = service.record;
    expect(watch.status()).toEqual({ state: 'fresh', thermalId: 'thermal-1', address, ageMs: 0 });
  });

  it('is bounded, whatever the service says', async () => {
    const service = await startService('thermal-1', 1);
    await until(() => service.watchers.length > 0);
    const wild = { powerShare: -3, coreShare: Number.NaN, memoryShare: Infinity };
    service.say({ instances: [said(one, { ...wild, binding: { kind: 'galaxy', id: 'x' } })] });
    await until(() => of(one) !== undefined);
    expect(of(one)).toMatchObject({
      ...{ powerShare: 0, coreShare: 0, memoryShare: 1, binding: { level: 'server', id: 'x' } },
    });
  });

  it('ages when nothing more is said, and is believed again when the service is back', async () => {
    const service = await startService('thermal-1', 1);
    await until(() => service.watchers.length > 0);
    service.say({ instances: [said(one, { memoryShare: 0.1 })] });
    await until(() => of(one) !== undefined);
    clockMs = 1001;
    // Hot stays hot, cool is not trusted.
    expect(of(one)).toMatchObject({ powerShare: 0.25, memoryShare: 0.1, conservative: true });
    expect(watch.status()).toMatchObject({ state: 'conservative', ageMs: 1001 });
    clockMs = 6000;
    expect(of(one)).toMatchObject({ memoryShare: 0.25, conservative: true });
    await service.server.close(0);
    await service.registration.withdraw();
    const next = await startService('thermal-2', 2);
    await until(() => next.watchers.length > 0);
    next.say({ whole: true, instances: [said(one)] });
    await until(() => of(one)?.conservative === false);
    expect(watch.status()).toMatchObject({ state: 'fresh', thermalId: 'thermal-2' });
  });

  it('stays fresh by messages in which nothing has changed', async () => {
    const service = await startService('thermal-1', 1);
    await until(() => service.watchers.length > 0);
    service.say({ instances: [said(one)] });
    await until(() => of(one) !== undefined);
    clockMs = 900;
    service.say({});
    await until(() => watch.status().ageMs === 0);
    clockMs = 1800;
    expect(of(one)?.conservative).toBe(false);
  });

  it('comes from one service at a time, the oldest that serves', async () => {
    const second = await startService('thermal-2', 2);
    await until(() => second.watchers.length > 0);
    const first = await startService('thermal-1', 1);
    await until(() => first.watchers.length > 0);
    second.say({ instances: [said(two)] });
    first.say({ instances: [said(one)] });
    await until(() => of(one) !== undefined);
    expect(of(two)).toBeUndefined();
    await first.registration.update({ ...first.record, state: 'draining' });
    await until(() => second.watchers.length === 2);
  });

  it('comes over a new stream when the old one breaks', async () => {
    const service = await startService('thermal-1', 1);
    await until(() => service.watchers.length > 0);
    peers.forget(service.record.address);
    await until(() => service.watchers.length > 1);
    service.say({ instances: [said(one)] });
    await until(() => of(one) !== undefined);
  });
});
