import { once } from 'node:events';
import {
  createServer,
  type IncomingMessage,
  request as ask,
  type Server,
  type ServerResponse,
} from 'node:http';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Fault } from '@isotherm/kernel';
import { createLargePool, type LargePool } from './large-pool.ts';

const bounds = { largePoolConnectMsMax: 500, bodyBytesInPlaceMax: 10, bodyBytesMax: 1 << 20 };

const none = { passedOn: 0, notReached: 0, brokenOff: 0 };

const servers: Server[] = [];
const pools: LargePool[] = [];
afterEach(() => {
  for (const pool of pools.splice(0)) pool.close();
  for (const server of servers.splice(0)) server.close().closeAllConnections();
});

type Serve = (request: IncomingMessage, response: ServerResponse) => void;

const listen = async (serve: Serve): Promise<string> => {
  const server = createServer(serve);
  servers.push(server);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return `http://127.0.0.1:${address.port}`;
};

/** A router's door that does nothing but pass on; what became of each request is told. */
const door = async (largePoolUrl: string) => {
  const pool = createLargePool({ ...bounds, largePoolUrl });
  pools.push(pool);
  const ends: (boolean | Fault)[] = [];
  const url = await listen((request, response) => {
    const left = new AbortController();
    response.on('close', () => {
      if (!response.writableFinished) left.abort(new Fault('cancelled', 'The client has gone.'));
    });
    if (!pool.takes(request)) {
      request.resume().once('end', () => response.writeHead(204).end());
      return;
    }
    pool.pass(request, response, left.signal).then(
      async (passed) => {
        ends.push(passed);
        if (passed) return;
        let bytes = 0;
        for await (const chunk of request) bytes += (chunk as Buffer).length;
        response.writeHead(200).end(`here: ${bytes}`);
      },
      (error: unknown) => {
        ends.push(Fault.from(error));
        if (!response.headersSent) response.writeHead(503).end();
      },
    );
  });
  return { url, ends, counts: pool.counts };
};

const post = (url: string, body: string, headers: Readonly<Record<string, string>> = {}) =>
  fetch(`${url}/v1/chat/completions?x=1`, { method: 'POST', body, headers });

const large = 'x'.repeat(300_000);

describe('a pool for large requests', () => {
  it('gets nothing where no address is given', async () => {
    const { url } = await door('');
    expect((await post(url, large)).status).toBe(204);
  });

  it.each(['router:8080', 'https://there', '/v1'])('is refused at "%s"', (largePoolUrl) => {
    expect(() => createLargePool({ ...bounds, largePoolUrl })).toThrow(
      /ISOTHERM_LARGE_POOL_URL must be an address like http:\/\/host:8080, not "/,
    );
  });

  it('gets large requests as they are, and its answers come back as they are', async () => {
    const there = await listen((request, response) => {
      let bytes = 0;
      request.on('data', (chunk: Buffer) => (bytes += chunk.length));
      request.on('end', () => {
        const told = { path: request.url, tenant: request.headers['x-isotherm-tenant'], bytes };
        response.writeHead(429, { 'retry-after': '7', 'x-request-id': 'there-1' });
        response.end(JSON.stringify(told));
      });
    });
    const { url, ends, counts } = await door(there);
    const response = await post(url, large, { 'x-isotherm-tenant': 'blue' });
    expect(response.status).toBe(429);
    expect(response.headers.get('retry-after')).toBe('7');
    expect(response.headers.get('x-request-id')).toBe('there-1');
    const told = { path: '/v1/chat/completions?x=1', tenant: 'blue', bytes: 300_000 };
    expect(await response.json()).toEqual(told);
    expect(ends).toEqual([true]);
    expect(counts).toEqual({ ...none, passedOn: 1 });
  });

  it('gets neither small ones, nor those whose size is unknown or too large', async () => {
    let asked = 0;
    const there = await listen((_, response) => {
      asked += 1;
      response.end();
    });
    const { url } = await door(there);
    expect((await post(url, '0123456789')).status).toBe(204);
    expect((await post(url, 'x'.repeat((1 << 20) + 1))).status).toBe(204);
    const call = ask(url, { method: 'POST' });
    call.write(large);
    const [response] = (await once(call.end(), 'response')) as [IncomingMessage];
    expect(response.statusCode).toBe(204);
    expect(asked).toBe(0);
  });

  it('hands on a stream piece by piece', async () => {
    let open: ServerResponse | undefined;
    const there = await listen((request, response) => {
      request.resume();
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('data: one\n\n');
      open = response;
    });
    const { url } = await door(there);
    const { body } = await post(url, large);
    const reader = body?.getReader();
    const first = await reader?.read();
    expect(Buffer.from(first?.value ?? []).toString()).toBe('data: one\n\n');
    open?.end('data: [DONE]\n\n');
    const second = await reader?.read();
    expect(Buffer.from(second?.value ?? []).toString()).toBe('data: [DONE]\n\n');
    expect((await reader?.read())?.done).toBe(true);
  });

  it('answers before it has read everything: that counts', async () => {
    const there = await listen((request, response) => {
      response.writeHead(413).end('too much');
      request.resume();
    });
    const { url, ends } = await door(there);
    const response = await post(url, large);
    expect([response.status, await response.text()]).toEqual([413, 'too much']);
    expect(ends).toEqual([true]);
  });

  it('that nobody keeps leaves the request whole to this fabric', async () => {
    const nobody = await listen(() => undefined);
    await new Promise((resolve) => servers.pop()?.close(resolve));
    const { url, ends, counts } = await door(nobody);
    expect(await (await post(url, large)).text()).toBe('here: 300000');
    expect(ends).toEqual([false]);
    expect(counts).toEqual({ ...none, notReached: 1 });
  });

  it('that breaks off before its answer is unavailable', async () => {
    const there = await listen((request) => {
      request.once('data', () => request.destroy());
    });
    const { url, ends, counts } = await door(there);
    expect((await post(url, large)).status).toBe(503);
    expect(ends).toMatchObject([{ code: 'unavailable' }]);
    expect(counts).toEqual({ ...none, brokenOff: 1 });
  });

  it('that breaks off in its answer breaks that off: half of it is no answer', async () => {
    const there = await listen((request, response) => {
      request.resume();
      request.once('end', () => {
        response.writeHead(200);
        response.write('half', () => response.destroy());
      });
    });
    const { url, ends, counts } = await door(there);
    const response = await post(url, large);
    await expect(response.text()).rejects.toThrow();
    expect(ends).toMatchObject([{ code: 'unavailable' }]);
    expect(counts).toEqual({ ...none, brokenOff: 1 });
  });

  it('hears when the client leaves', async () => {
    const left: Promise<unknown>[] = [];
    let heard: () => void = () => undefined;
    const asked = new Promise<void>((resolve) => (heard = resolve));
    const there = await listen((request, response) => {
      request.resume();
      left.push(once(response, 'close'));
      heard();
    });
    const { url, ends, counts } = await door(there);
    const leave = new AbortController();
    const asking = fetch(url, { method: 'POST', body: large, signal: leave.signal });
    await asked;
    leave.abort();
    await expect(asking).rejects.toThrow();
    await Promise.all(left);
    expect(left).toHaveLength(1);
    expect(ends).toMatchObject([{ code: 'cancelled' }]);
    expect(counts).toEqual({ ...none });
  });
});
