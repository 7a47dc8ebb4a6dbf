import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { requestId } from '@isotherm/kernel';
import { createPeers, type Peers } from '../peers.ts';
import { type RunningServer, startServer } from '../server.ts';
import { createLeaseStore } from './lease-store.ts';
import { bytesPayload, payloadBytes } from './payload.ts';
import { pull } from './pull.ts';
import { transferService } from './serve.ts';
import { smallBytesMax } from './small-payload.ts';

const store = createLeaseStore({ bytesMax: 1 << 30 });
const terms = { request: requestId('request'), expiresMs: Date.now() + 60_000 };
const sizes = [
  { name: 'a small payload', bytes: smallBytesMax },
  { name: 'a large payload', bytes: 4 << 20 },
];

let owner: RunningServer;
let link: Server;
let peers: Peers;
/** Connections over the link; those that were there when it swallowed carry nothing any more, and nobody is told. */
let sockets: Socket[];
let connections: number;
let carries: boolean;

/** Before anything passes on from one end of a connection to the other. */
const passes = (from: Socket, to: Socket, isDead: () => boolean): void => {
  from.on('data', (bytes) => void (isDead() || to.write(bytes)));
  from.on('error', () => undefined);
  from.on('close', () => to.destroy());
};

beforeEach(async () => {
  [sockets, connections, carries] = [[], 0, true];
  owner = await startServer({
    ...{ listen: '127.0.0.1:0', advertiseHost: '127.0.0.1', reflection: false },
    services: [transferService(store)],
  });
  link = createServer((client) => {
    connections += 1;
    const server = connect(Number(owner.address.split(':')[1]), '127.0.0.1');
    const ends = [client, server] as const;
    let isDead = !carries;
    for (const end of ends) {
      sockets.push(end);
      end.on('swallow', () => (isDead = true));
    }
    passes(client, server, () => isDead);
    passes(server, client, () => isDead);
  });
  link.listen(0, '127.0.0.1');
  await once(link, 'listening');
  peers = createPeers(undefined, { pullSilenceMs: 1000 });
});
afterEach(async () => {
  peers.close();
  for (const socket of sockets) socket.destroy();
  link.close();
  await owner.close(100);
});

const swallow = (): void => {
  for (const socket of sockets) socket.emit('swallow');
};
const keep = (bytes: number) => {
  const address = link.address();
  const port = typeof address === 'object' ? address?.port : 0;
  const payload = bytesPayload(new Uint8Array(bytes).fill(7));
  const handle = { leaseId: store.put(payload, terms), bytes, address: `127.0.0.1:${port}` };
  return { handle, pulled: () => pull(peers, handle, { deadlineMs: Date.now() + 60_000 }) };
};

describe.each(sizes)('$name over a link that has died without a word', ({ bytes }) => {
  it('comes over a new connection', async () => {
    const { pulled } = keep(bytes);
    await pulled();
    expect(connections).toBe(1);
    swallow();
    const [one, other] = await Promise.all([pulled(), pulled()]);
    expect([payloadBytes(one), payloadBytes(other)]).toEqual([bytes, bytes]);
    // Both found the same one dead.
    expect(connections).toBe(2);
  });

  it('is given up as unavailable where new connections are dead too', async () => {
    const { pulled } = keep(bytes);
    await pulled();
    carries = false;
    swallow();
    await expect(pulled()).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('Nothing has come'),
    });
  });
});

it('a small payload does not wait behind a large one', async () => {
  const [small, large] = [keep(10), keep(4 << 20)];
  await Promise.all([small.pulled(), large.pulled()]);
  expect(connections).toBe(2);
});
