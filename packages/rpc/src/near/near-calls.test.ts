import { once } from 'node:events';
import type { ServerWritableStream } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Fault } from '@isotherm/kernel';
import type { EncoderEvent, LeaseRequest, LeaseResponse } from '@isotherm/proto';
import { callUnary } from '../call.ts';
import { createPeers, type Peers } from '../peers.ts';
import { isNear } from './near-stream.ts';
import { protos } from '../protos.ts';
import { type RunningServer, type ServedService, startServer } from '../server.ts';
import { faultOf, statusOf } from '../status.ts';
import { messagesOf } from '../streams.ts';
import { createLeaseStore } from '../transfer/lease-store.ts';
import { createNeighbours } from '../transfer/neighbours.ts';
import { unaryHandler } from '../unary.ts';

interface Watching {
  readonly events: EncoderEvent[];
}
type Call = ServerWritableStream<{ readonly routerId: string }, { readonly events: object[] }>;

const calls: Call[] = [];
const lateness: Promise<boolean>[] = [];
const service: ServedService = {
  definition: protos.isotherm.encoder.v1.EncoderService.service,
  implementation: {
    Watch: (call: Call) => {
      if (call.request.routerId === 'nobody') {
        call.emit('error', statusOf(new Fault('not_found', 'Nobody here.', { param: 'who' })));
        return;
      }
      calls.push(call);
      call.write({ events: [{ load: { running: 2 } }] });
    },
    Lease: unaryHandler(async (request: LeaseRequest, late) => {
      if (request.leaseId === 'slow') {
        const waited = new Promise<boolean>((resolve) => setTimeout(() => resolve(late()), 100));
        lateness.push(waited);
        await waited;
      }
      if (request.leaseId === 'none') throw new Fault('saturated', 'No room.', { param: 'lease' });
      return { embedding: { leaseId: request.leaseId, tokens: request.tokens } };
    }),
  },
};

const store = createLeaseStore({ bytesMax: 1000 });
const neighbours = createNeighbours();
let server: RunningServer;
let leave: () => void;
beforeAll(async () => {
  const listen = { listen: '127.0.0.1:0', advertiseHost: '127.0.0.1' };
  server = await startServer({ ...listen, services: [service], reflection: false });
  leave = neighbours.add(server.address, store, [service]);
});
afterAll(async () => {
  store.close();
  await server.close(100);
});

const last = (): Call => {
  const call = calls.at(-1);
  if (call === undefined) throw new Error('nobody watches');
  return call;
};

describe.each([
  { name: 'over the network', peersOf: () => createPeers() },
  { name: 'between neighbours', peersOf: () => createPeers(neighbours) },
])('calls $name', ({ name, peersOf }) => {
  let peers: Peers;
  beforeAll(() => {
    peers = peersOf();
  });
  afterAll(() => peers.close());
  const watch = (routerId = 'router') =>
    peers.encoder(server.address).watch({ routerId, instanceId: '' });
  const lease = (leaseId: string, deadline = Date.now() + 5000): Promise<LeaseResponse> =>
    callUnary((callback) =>
      peers.encoder(server.address).lease({ leaseId, tokens: 7 }, { deadline }, callback),
    );

  it('bring messages with their defaults filled in, and nothing shared', async () => {
    const stream = watch();
    const [message] = (await once(stream, 'data')) as [Watching];
    expect(message.events[0]).toMatchObject({
      event: 'load',
      load: { running: 2, waiting: 0, precision: '', cache: null },
    });
    const sent = { events: [{ encoded: { jobId: 'job' } }] };
    last().write(sent);
    const [second] = (await once(stream, 'data')) as [Watching];
    expect(second.events[0]?.encoded).toMatchObject({ jobId: 'job', requestId: '', timing: null });
    expect(sent).toEqual({ events: [{ encoded: { jobId: 'job' } }] });
    stream.on('error', () => undefined);
    stream.cancel();
  });

  it('are told apart by who writes to them', async () => {
    const stream = watch();
    await once(stream, 'data');
    expect(isNear(last())).toBe(name === 'between neighbours');
    stream.on('error', () => undefined);
    stream.cancel();
  });

  it('end for the handler when the caller cancels, and for the caller with that word', async () => {
    const stream = watch();
    await once(stream, 'data');
    const cancelled = once(last(), 'cancelled');
    const failed = once(stream, 'error');
    stream.cancel();
    expect(faultOf((await failed)[0])).toMatchObject({ code: 'cancelled' });
    await cancelled;
    expect(last().cancelled).toBe(true);
    expect(() => last().write({ events: [] })).not.toThrow();
  });

  it('end when the handler ends them, after all that it has written', async () => {
    const heard: number[] = [];
    for await (const { events } of messagesOf<Watching>(watch())) {
      if (heard.push(events.length) > 1) continue;
      last().write({ events: [{}, {}] });
      last().write({ events: [{}, {}, {}] });
      last().end();
    }
    expect(heard).toEqual([1, 2, 3]);
  });

  it('carry a fault with code and parameter', async () => {
    const [error] = (await once(watch('nobody'), 'error')) as [unknown];
    expect(faultOf(error)).toMatchObject({ code: 'not_found', param: 'who' });
    await expect(lease('none')).rejects.toMatchObject({ code: 'saturated', param: 'lease' });
  });

  it('answer what was asked', async () => {
    const { embedding } = await lease('a');
    expect(embedding).toMatchObject({ leaseId: 'a', tokens: 7, address: '', bytes: 0 });
  });

  it('fail at their deadline, and tell the handler that it is late', async () => {
    await expect(lease('slow', Date.now() + 30)).rejects.toMatchObject({
      code: 'deadline_exceeded',
    });
    expect(await lateness.at(-1)).toBe(true);
  });

  it('make a slow reader known to the writer', async () => {
    const stream = watch();
    await once(stream, 'data');
    stream.pause();
    const call = last();
    const large = { events: [{ failed: { message: 'x'.repeat(1 << 20) } }] };
    let writes = 1;
    while (call.write(large) && writes < 100) writes += 1;
    expect(writes).toBeLessThan(100);
    const drained = once(call, 'drain');
    stream.resume();
    await drained;
    stream.on('error', () => undefined);
    stream.cancel();
  });
});

it('streams end as unavailable when a neighbour leaves; then calls go over the network', async () => {
  const peers = createPeers(neighbours);
  const stream = peers.encoder(server.address).watch({ routerId: 'router', instanceId: '' });
  await once(stream, 'data');
  const failed = once(stream, 'error');
  leave();
  expect(faultOf((await failed)[0])).toMatchObject({ code: 'unavailable' });
  expect(last().cancelled).toBe(true);
  const far = peers.encoder(server.address).watch({ routerId: 'router', instanceId: '' });
  await once(far, 'data');
  expect(last().getPeer()).toMatch(/^127\.0\.0\.1:/);
  far.on('error', () => undefined);
  far.cancel();
  peers.close();
});
