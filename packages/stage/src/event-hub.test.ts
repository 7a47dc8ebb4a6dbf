import { EventEmitter } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { createLeaseStore, createNeighbours, createPeers, protos } from '@isotherm/rpc';
import { createEventHub, type EventHub, type WatchCall } from './event-hub.ts';

interface FakeCall extends EventEmitter {
  readonly written: number[][];
  accepting: boolean;
  ended: boolean;
}

/** The writing half of a gRPC call, as far as the hub uses it. */
const fakeCall = (routerId: string): { call: WatchCall<number>; fake: FakeCall } => {
  const fake: FakeCall = Object.assign(new EventEmitter(), {
    request: { routerId },
    written: [] as number[][],
    accepting: true,
    ended: false,
    write: ({ events }: { events: number[] }) => {
      fake.written.push(events);
      return fake.accepting;
    },
    end: () => {
      fake.ended = true;
    },
  });
  return { call: fake as unknown as WatchCall<number>, fake };
};

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const hubOf = (pendingMax = 100): { hub: EventHub<number>; gone: string[] } => {
  const gone: string[] = [];
  const hub = createEventHub<number>({ pendingMax, lingerMs: 1 }, (id) => gone.push(id));
  return { hub, gone };
};

describe('an event hub', () => {
  it('sends what happens in one turn as one message, in order', async () => {
    const { hub } = hubOf();
    const { call, fake } = fakeCall('r');
    hub.attach('r', call);
    hub.emitLazily('r', 0);
    hub.emit('r', 1);
    hub.emit('r', 2);
    await turn();
    hub.emit('r', 3);
    await turn();
    expect(fake.written).toEqual([[0, 1, 2], [3]]);
  });

  it('sends to a router of this process before anything else happens that was due', async () => {
    const hub = createEventHub<object>({ pendingMax: 9, lingerMs: 1 }, () => undefined);
    const neighbours = createNeighbours();
    const definition = protos.isotherm.encoder.v1.EncoderService.service;
    const Watch = (call: WatchCall<object>) => hub.attach('r', call);
    const store = createLeaseStore({ bytesMax: 1 });
    neighbours.add('near:1', store, [{ definition, implementation: { Watch } }]);
    const peers = createPeers(neighbours);
    const stream = peers.encoder('near:1').watch({ routerId: 'r', instanceId: '' });
    const heard: unknown[] = [];
    stream.on('data', (message) => heard.push(message));
    await turn();
    const next = turn();
    hub.emit('r', { load: {} });
    await next;
    expect(heard).toHaveLength(1);
    hub.close();
    store.close();
    peers.close();
  });

  it('sends a lazy event by itself when nothing else comes', async () => {
    const { hub } = hubOf();
    const { call, fake } = fakeCall('r');
    hub.attach('r', call);
    hub.emitLazily('r', 7);
    while (fake.written.length === 0) await turn();
    expect(fake.written).toEqual([[7]]);
  });

  it('holds events while the router is slow, then sends them together', async () => {
    const { hub } = hubOf();
    const { call, fake } = fakeCall('r');
    fake.accepting = false;
    hub.attach('r', call);
    hub.emit('r', 1);
    await turn();
    hub.emit('r', 2);
    hub.emit('r', 3);
    await turn();
    expect(fake.written).toEqual([[1]]);
    fake.emit('drain');
    expect(fake.written).toEqual([[1], [2, 3]]);
  });

  it('gives up a router that does not read, and says so', () => {
    const { hub, gone } = hubOf(2);
    const { call, fake } = fakeCall('r');
    const statuses: unknown[] = [];
    hub.attach('r', call);
    fake.on('error', (status) => statuses.push(status));
    for (const event of [1, 2, 3]) hub.emit('r', event);
    expect(gone).toEqual(['r']);
    expect(statuses).toEqual([expect.objectContaining({ code: 8 })]);
    expect(hub.watches('r')).toBe(false);
  });

  it('tells when a router has given up a stream, be it for a new one, and once', () => {
    const { hub, gone } = hubOf();
    const first = fakeCall('r');
    const second = fakeCall('r');
    hub.attach('r', first.call);
    hub.attach('r', second.call);
    expect(first.fake.ended).toBe(true);
    expect(gone).toEqual(['r']);
    first.fake.emit('cancelled');
    expect(gone).toEqual(['r']);
    second.fake.emit('cancelled');
    expect(gone).toEqual(['r', 'r']);
  });
});
