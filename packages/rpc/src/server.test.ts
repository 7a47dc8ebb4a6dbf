import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { expect, it } from '@jest/globals';
import { startServer } from './server.ts';

/** Time enough for a ping to be sent and, with the pause after which services give each other up, to be missed. */
const stallMs = 7000;

it('keeps the stream of a client that stands still for seconds', async () => {
  const server = await startServer({
    listen: '127.0.0.1:0',
    advertiseHost: '127.0.0.1',
    services: [],
    reflection: false,
  });
  const client = new Worker(new URL('./stalling-client.js', import.meta.url), {
    workerData: { address: server.address, stallMs },
  });
  try {
    expect(await once(client, 'message')).toEqual(['stalls']);
    expect(await once(client, 'message')).toEqual(['goes on']);
    server.setHealth('SERVING');
    expect(await once(client, 'message')).toEqual(['SERVING']);
  } finally {
    await client.terminate();
    await server.close(0);
  }
});
