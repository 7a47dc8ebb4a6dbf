import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { requestId } from '@isotherm/kernel';
import { createPeers, type Peers } from '../peers.ts';
import { type RunningServer, startServer } from '../server.ts';
import { createLeaseStore } from './lease-store.ts';
import {
  allocate,
  bytesPayload,
  type Payload,
  payloadBytes,
  type PayloadTensor,
} from './payload.ts';
import { pull } from './pull.ts';
import { transferService } from './serve.ts';
import { smallBytesMax } from './small-payload.ts';

const store = createLeaseStore({ bytesMax: 1 << 30 });
const terms = { request: requestId('request'), expiresMs: Date.now() + 60_000 };
let server: RunningServer;
let peers: Peers;

beforeAll(async () => {
  server = await startServer({
    listen: '127.0.0.1:0',
    advertiseHost: '127.0.0.1',
    reflection: false,
    services: [transferService(store)],
  });
  peers = createPeers();
});

afterAll(async () => {
  peers.close();
  await server.close(100);
  store.close();
});

const tensor = (
  name: string,
  dataType: PayloadTensor['dataType'],
  shape: readonly number[],
): PayloadTensor => {
  const data = allocate(
    dataType,
    shape.reduce((a, b) => a * b, 1),
  );
  // Neighbouring chunks differ: 251 is a prime and divides no chunk size.
  for (let i = 0; i < data.length; i++) data[i] = (i + shape.length) % 251;
  return { name, dataType, shape, data };
};

const pulled = (leaseId: string, releaseAfter = false): Promise<Payload> =>
  pull(
    peers,
    { address: server.address, leaseId },
    { deadlineMs: Date.now() + 10_000, releaseAfter },
  );

describe('a pull', () => {
  it.each([
    { name: 'nothing', tensors: [] },
    { name: 'one small tensor', tensors: [tensor('a', 'float32', [2, 3])] },
    {
      name: 'a KV cache of many small tensors',
      tensors: Array.from({ length: 64 }, (_, i) => tensor(`past.${i}`, 'float32', [2, i + 1, 32])),
    },
    {
      name: 'tensors larger than a chunk, with odd sizes between',
      tensors: [
        tensor('odd', 'uint8', [1_048_577]),
        tensor('large', 'float32', [3, 300_001]),
        tensor('halves', 'float16', [7]),
        tensor('ids', 'int32', [11]),
      ],
    },
  ])('gives back exactly what was put: $name', async ({ tensors }) => {
    const id = store.put({ tensors, attributes: { key: 'value' } }, terms);
    const { tensors: got, attributes } = await pulled(id);
    expect(attributes).toEqual({ key: 'value' });
    expect(got.map(({ name, dataType, shape }) => ({ name, dataType, shape }))).toEqual(
      tensors.map(({ name, dataType, shape }) => ({ name, dataType, shape })),
    );
    for (const [index, { data }] of got.entries()) {
      const sent = tensors[index]?.data ?? new Uint8Array();
      expect(Buffer.compare(asBytes(data), asBytes(sent))).toBe(0);
    }
    store.release([id]);
  });

  it('takes what is given, pulls what is not, and pulls what is to end with the pull', async () => {
    const here = bytesPayload(Uint8Array.of(1));
    const given = { take: (id: string) => (id === 'here' ? here : undefined) };
    const deadlineMs = Date.now() + 10_000;
    const gone = { address: '127.0.0.1:9', leaseId: 'here', bytes: 1 };
    expect(await pull(peers, gone, { deadlineMs, given })).toBe(here);
    for (const bytes of [10, smallBytesMax + 1]) {
      const leaseId = store.put(bytesPayload(new Uint8Array(bytes)), terms);
      const handle = { address: server.address, leaseId, bytes };
      expect(payloadBytes(await pull(peers, handle, { deadlineMs, given }))).toBe(bytes);
      store.release([leaseId]);
    }
    await expect(
      pull(peers, gone, { deadlineMs, given, releaseAfter: true }),
    ).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('ends the lease when asked to, and only then', async () => {
    const id = store.put({ tensors: [tensor('a', 'uint8', [5])], attributes: {} }, terms);
    await pulled(id);
    await pulled(id, true);
    await expect(pulled(id)).rejects.toMatchObject({ code: 'not_found' });
  });

  it('says that the owner is gone', async () => {
    const gone = pull(
      peers,
      { address: '127.0.0.1:1', leaseId: 'x' },
      { deadlineMs: Date.now() + 10_000 },
    );
    await expect(gone).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('stops when its signal aborts', async () => {
    const id = store.put(bytesPayload(new Uint8Array(32 << 20)), terms);
    const controller = new AbortController();
    const { signal } = controller;
    const handle = { address: server.address, leaseId: id };
    const pulling = pull(peers, handle, { deadlineMs: Date.now() + 10_000, signal });
    controller.abort(new Error('enough'));
    await expect(pulling).rejects.toThrow('enough');
    store.release([id]);
  });

  it('refuses a payload that is larger than allowed', async () => {
    const id = store.put({ tensors: [tensor('a', 'uint8', [100])], attributes: {} }, terms);
    const handle = { address: server.address, leaseId: id };
    const options = { deadlineMs: Date.now() + 10_000, bytesMax: 99 };
    await expect(pull(peers, handle, options)).rejects.toMatchObject({ code: 'internal' });
    store.release([id]);
  });
});

const asBytes = (data: PayloadTensor['data']): Buffer =>
  Buffer.from(data.buffer, data.byteOffset, data.byteLength);
