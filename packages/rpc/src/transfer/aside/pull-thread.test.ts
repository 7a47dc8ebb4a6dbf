import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { requestId } from '@isotherm/kernel';
import { createPeers, type Peers } from '../../peers.ts';
import { type RunningServer, startServer } from '../../server.ts';
import { createLeaseStore } from '../lease-store.ts';
import { allocate, type Payload, payloadBytes } from '../payload.ts';
import { pull } from '../pull.ts';
import { transferService } from '../serve.ts';
import { smallBytesMax } from '../small-payload.ts';
import { createPullThread, type PullThread } from './pull-thread.ts';

const store = createLeaseStore({ bytesMax: 1 << 30 });
const terms = { request: requestId('request'), expiresMs: Date.now() + 600_000 };
const within = () => ({ deadlineMs: Date.now() + 120_000 });
let server: RunningServer;
let thread: PullThread;

const payloadOf = (numbers: number): Payload => {
  const data = allocate('int32', numbers);
  for (let index = 0; index < numbers; index++) data[index] = index % 251;
  const ids = { name: 'token_ids', dataType: 'int32', shape: [numbers], data } as const;
  const halves = { name: 'h', dataType: 'float16', shape: [3], data: Uint16Array.of(7, 8, 9) };
  return { tensors: [ids, { ...halves, dataType: 'float16' }], attributes: { key: 'value' } };
};
const large = payloadOf(300_001);

beforeAll(async () => {
  server = await startServer({
    ...{ listen: '127.0.0.1:0', advertiseHost: '127.0.0.1', reflection: false },
    services: [transferService(store)],
  });
  thread = createPullThread({ pullSilenceMs: 1000 });
});
afterAll(async () => {
  thread.close();
  await server.close(100);
  store.close();
});

describe('pulls in a thread', () => {
  it('give exactly what was put, and end the lease when asked to', async () => {
    const id = store.put(large, terms);
    expect(await thread.pull(server.address, id, within())).toEqual(large);
    const last = await thread.pull(server.address, id, { ...within(), releaseAfter: true });
    expect(last).toEqual(large);
    expect(store.get(id)).toBeUndefined();
  });

  it('fail as they do on the event loop', async () => {
    const gone = thread.pull(server.address, 'no-lease', within());
    await expect(gone).rejects.toMatchObject({ code: 'not_found' });
    const nobody = thread.pull('127.0.0.1:1', 'no-lease', within());
    await expect(nobody).rejects.toMatchObject({ code: 'unavailable' });
    const id = store.put(large, terms);
    const tooLarge = thread.pull(server.address, id, { ...within(), bytesMax: 10 });
    await expect(tooLarge).rejects.toMatchObject({ code: 'internal' });
  });

  it('end with the reason of whoever leaves', async () => {
    const id = store.put(large, terms);
    const controller = new AbortController();
    const pulling = thread.pull(server.address, id, { ...within(), signal: controller.signal });
    controller.abort(new Error('left'));
    await expect(pulling).rejects.toThrow('left');
    await expect(
      thread.pull(server.address, id, { ...within(), signal: controller.signal }),
    ).rejects.toThrow('left');
  });

  it('end with the thread, and another one takes over', async () => {
    const id = store.put(large, terms);
    const own = createPullThread({ pullSilenceMs: 1000 });
    const pulling = own.pull(server.address, id, within());
    own.close();
    await expect(pulling).rejects.toMatchObject({ code: 'unavailable' });
    expect(await own.pull(server.address, id, within())).toEqual(large);
    own.close();
  });
});

describe('a pull of a payload of known size', () => {
  let peers: Peers;
  let inPlace: string[];
  beforeEach(() => {
    inPlace = [];
    const all = createPeers();
    peers = {
      ...all,
      transfer: (address) => (inPlace.push('small'), all.transfer(address)),
      bulk: (address) => (inPlace.push('large'), all.bulk(address)),
      pullThread: thread,
    };
  });

  it.each([
    { what: 'a small one', payload: payloadOf(100), loop: ['small'] },
    { what: 'a large one', payload: large, loop: [] },
  ])('takes the event loop where it is small: $what', async ({ payload, loop }) => {
    const bytes = payloadBytes(payload);
    expect(bytes > smallBytesMax).toBe(loop.length === 0);
    const leaseId = store.put(payload, terms);
    const { address } = server;
    expect(await pull(peers, { address, leaseId, bytes }, within())).toEqual(payload);
    expect(inPlace).toEqual(loop);
    peers.close();
  });
});
