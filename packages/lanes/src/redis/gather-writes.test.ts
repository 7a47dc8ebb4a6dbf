import { EventEmitter, once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Redis } from 'ioredis';
import { gatherWrites } from './gather-writes.ts';

const server = createServer();
const peers: Socket[] = [];
beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(() => {
  for (const peer of peers) peer.destroy();
  server.close();
});

/** A connection whose commands are gathered, and the sizes of the writes that its socket was given. */
const open = async (): Promise<{ stream: Socket; sizes: number[]; peer: Socket }> => {
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const accepted = once(server, 'connection') as Promise<[Socket]>;
  const stream = connect(port, '127.0.0.1');
  await once(stream, 'connect');
  const sizes: number[] = [];
  const many = stream._writev?.bind(stream);
  stream._writev = (chunks, callback) => {
    sizes.push(chunks.length);
    many?.(chunks, callback);
  };
  const client = Object.assign(new EventEmitter(), { stream });
  gatherWrites(client as unknown as Redis);
  client.emit('connect');
  const [peer] = await accepted;
  peers.push(peer, stream);
  return { stream, sizes, peer };
};

const said = async (peer: Socket, length: number): Promise<string> => {
  let text = '';
  while (text.length < length) text += String((await once(peer, 'data'))[0]);
  return text;
};

it('sends what is written in one turn in one piece, in order, and goes on in the next', async () => {
  const { stream, sizes, peer } = await open();
  for (const text of ['a', 'b']) stream.write(text);
  await Promise.resolve();
  stream.write(Buffer.from('c'));
  expect(await said(peer, 3)).toBe('abc');
  expect(sizes).toEqual([3]);
  stream.write('d');
  stream.write('e');
  expect(await said(peer, 2)).toBe('de');
  expect(sizes).toEqual([3, 2]);
});

it('ends with what was written before', async () => {
  const { stream, peer } = await open();
  stream.write('a');
  stream.end('b');
  expect(await said(peer, 2)).toBe('ab');
});
