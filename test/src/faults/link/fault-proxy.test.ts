import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { until, within } from '../../harness/until.ts';
import { type FaultProxy, startFaultProxy } from './fault-proxy.ts';

let echo: Server;
let atServer: Socket[];
let proxy: FaultProxy;
let sockets: Socket[];

beforeEach(async () => {
  atServer = [];
  sockets = [];
  echo = createServer({ allowHalfOpen: true }, (socket) => {
    atServer.push(socket);
    socket.on('error', () => undefined);
    socket.pipe(socket);
  });
  echo.listen(0, '127.0.0.1');
  await once(echo, 'listening');
  const address = echo.address();
  if (address === null || typeof address === 'string') throw new Error('There is a port.');
  proxy = await startFaultProxy({ targetPort: address.port });
});
afterEach(async () => {
  for (const socket of [...sockets, ...atServer]) socket.destroy();
  await proxy.close();
  echo.close();
});

const open = async (): Promise<Socket> => {
  const socket = connect({ port: proxy.port, host: '127.0.0.1', allowHalfOpen: true });
  sockets.push(socket);
  socket.on('error', () => undefined);
  await new Promise<void>((resolve) => {
    socket.once('connect', resolve);
    socket.once('close', () => resolve());
  });
  return socket;
};

/** What comes back of what is sent, and how long it took, in milliseconds. */
const echoed = async (socket: Socket, bytes: Buffer): Promise<[Buffer, number]> => {
  const startMs = performance.now();
  const parts: Buffer[] = [];
  let length = 0;
  const all = new Promise<void>((resolve) => {
    const read = (part: Buffer): void => {
      parts.push(part);
      length += part.length;
      if (length < bytes.length) return;
      socket.off('data', read);
      resolve();
    };
    socket.on('data', read);
  });
  socket.write(bytes);
  await within('the echo', 10_000, all);
  return [Buffer.concat(parts), performance.now() - startMs];
};

const closed = async (socket: Socket): Promise<void> => {
  if (socket.closed) return;
  const end = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  await within('the end', 5000, end);
};

const pattern = (length: number): Buffer =>
  Buffer.from(Array.from({ length }, (_, index) => index % 251));

it('passes on every byte in order, and the end of each side', async () => {
  const socket = await open();
  const sent = pattern(3 << 20);
  const [back] = await echoed(socket, sent);
  expect(back.equals(sent)).toBe(true);
  socket.end();
  await closed(socket);
  await until('no connection is left', () => proxy.connections === 0);
});

it('cuts: open connections are reset and new ones too, until it heals', async () => {
  const socket = await open();
  await echoed(socket, pattern(10));
  proxy.apply({ kind: 'cut' });
  await closed(socket);
  expect(socket.errored).toMatchObject({ code: 'ECONNRESET' });
  await closed(await open());
  proxy.apply(undefined);
  expect((await echoed(await open(), pattern(10)))[0]).toEqual(pattern(10));
});

it('leaves half open: what was open carries nothing and hears nothing, new ones work', async () => {
  const socket = await open();
  await echoed(socket, pattern(10));
  proxy.apply({ kind: 'half-open' });
  let heard = 0;
  socket.on('data', () => (heard += 1));
  socket.write(pattern(10));
  const [back] = await echoed(await open(), pattern(10));
  expect(back).toEqual(pattern(10));
  expect(heard).toBe(0);
  socket.destroy();
  await echoed(await open(), pattern(10));
  expect(atServer[0]?.readableEnded).toBe(false);
  expect(atServer[0]?.destroyed).toBe(false);
});

it('stalls: nothing arrives before it heals, nothing is lost', async () => {
  const socket = await open();
  proxy.apply({ kind: 'stall' });
  const sent = pattern(1 << 20);
  const back = echoed(socket, sent);
  let came = false;
  void back.then(() => (came = true));
  await until('the proxy holds what was sent', () => socket.bytesWritten > 0);
  expect(came).toBe(false);
  proxy.apply(undefined);
  expect((await back)[0].equals(sent)).toBe(true);
});

it('delays each way', async () => {
  const socket = await open();
  proxy.apply({ kind: 'delay', ms: 60 });
  const [back, tookMs] = await echoed(socket, pattern(1000));
  expect(back).toEqual(pattern(1000));
  expect(tookMs).toBeGreaterThanOrEqual(120);
});

it('slows to a bandwidth', async () => {
  const socket = await open();
  proxy.apply({ kind: 'slow', bytesPerSecond: 200_000 });
  const sent = pattern(100_000);
  const [back, tookMs] = await echoed(socket, sent);
  expect(back.equals(sent)).toBe(true);
  expect(tookMs).toBeGreaterThan(400);
});

it('resets a client whose server is not there', async () => {
  for (const socket of atServer) socket.destroy();
  echo.close();
  const socket = await open();
  await closed(socket);
  expect(socket.errored).toMatchObject({ code: 'ECONNRESET' });
});
