import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import type { sendUnaryData, ServerReadableStream } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { instanceId } from '@isotherm/kernel';
import type { InstanceRecord } from '@isotherm/lanes';
import type { GoAheadRequest } from '@isotherm/proto';
import {
  bytesPayload,
  createLeaseStore,
  createNeighbours,
  createPeers,
  type Peers,
  protos,
  type RunningServer,
  smallBytesMax,
  startServer,
} from '@isotherm/rpc';
import { createJobsAhead, type JobsAhead } from './jobs-ahead.ts';

type Call = ServerReadableStream<GoAheadRequest, unknown>;

let peers: Peers;
let server: RunningServer;
let ahead: JobsAhead;
/** Streams that were opened, what came over them, and how to end the last one. */
let calls: Call[];
let heard: GoAheadRequest[];
let endLast: () => void;
const closing: (() => void)[] = [];

beforeEach(async () => {
  peers = createPeers();
  ahead = createJobsAhead(peers);
  [calls, heard] = [[], []];
  const GoAhead = (call: Call, callback: sendUnaryData<object>): void => {
    calls.push(call);
    endLast = () => callback(null, {});
    call.on('data', (message: GoAheadRequest) => heard.push(message));
  };
  const definition = protos.isotherm.stage.v1.StageService.service;
  const services = [{ definition, implementation: { GoAhead } }];
  const where = { listen: '127.0.0.1:0', advertiseHost: '127.0.0.1', reflection: false };
  server = await startServer({ ...where, services });
});
afterEach(async () => {
  ahead.close();
  peers.close();
  for (const close of closing.splice(0)) close();
  await server.close(1);
});

const instance = (address = server.address): InstanceRecord => ({
  ...{ id: instanceId('a'), stage: 'prefill', model: 'panel', address },
  ...{ capacity: 1, contextMax: 512, startedMs: 0, state: 'serving' },
});
const copy = (id: string, bytes = 0) => {
  const leased = { leaseId: `${id}-lease`, payload: bytesPayload(new Uint8Array(bytes)) };
  return { id, body: { id }, payloads: bytes === 0 ? [] : [{ ...leased, sent: undefined }] };
};
const until = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await new Promise(setImmediate);
};
const idsHeard = (): readonly (readonly string[])[] =>
  heard.map(({ jobs }) => jobs.map(({ jobId }) => jobId));

describe('copies of jobs that go ahead of their lanes', () => {
  it('share a message when they come together, and a stream in any case', async () => {
    expect([ahead.send(instance(), copy('a')), ahead.send(instance(), copy('b'))]).toEqual([
      true,
      true,
    ]);
    await until(() => heard.length === 1);
    ahead.send(instance(), copy('c'));
    await until(() => heard.length === 2);
    expect(idsHeard()).toEqual([['a', 'b'], ['c']]);
    expect(heard[1]?.jobs[0]?.body).toBe('{"id":"c"}');
    expect(calls).toHaveLength(1);
  });

  it('bring payloads that are small, and say so', async () => {
    const sent: string[] = [];
    for (const [id, bytes] of Object.entries({ small: smallBytesMax, large: smallBytesMax + 1 })) {
      const { payloads, ...rest } = copy(id, bytes);
      const told = payloads.map((one) => ({ ...one, sent: () => sent.push(id) }));
      ahead.send(instance(), { ...rest, payloads: told });
    }
    await until(() => heard.length === 1);
    const brought = heard[0]?.jobs.map(({ payloads }) => payloads.map(({ data }) => data.length));
    expect(brought).toEqual([[smallBytesMax], []]);
    expect(sent).toEqual(['small']);
  });

  it('open another stream when the instance has ended one, or has another address', async () => {
    ahead.send(instance(), copy('a'));
    await until(() => heard.length === 1);
    endLast();
    for (let i = 0; calls.length < 2; i++) {
      ahead.send(instance(), copy(`again ${i}`));
      await new Promise(setImmediate);
    }
    const [, port] = server.address.split(':');
    ahead.send(instance(`localhost:${port}`), copy('last'));
    await until(() => idsHeard().flat().includes('last'));
    await until(() => calls[1]?.cancelled === true);
    expect(calls).toHaveLength(3);
  });

  it('are not sent to an instance in this process, nor to one that does not read', async () => {
    const neighbours = createNeighbours();
    const store = createLeaseStore({ bytesMax: 1 });
    neighbours.add('near:1', store);
    const near = createPeers(neighbours);
    expect(createJobsAhead(near).send(instance('near:1'), copy('a'))).toBe(false);
    store.close();
    near.close();
    const silent = createServer((socket) => void closing.push(() => socket.destroy()));
    silent.listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const deaf = instance(`127.0.0.1:${(silent.address() as AddressInfo).port}`);
    let sent = 0;
    while (ahead.send(deaf, copy(`${sent}`, smallBytesMax))) {
      sent += 1;
      await new Promise(setImmediate);
    }
    expect(sent).toBeGreaterThan(0);
    closing.push(() => silent.close());
  });
});
