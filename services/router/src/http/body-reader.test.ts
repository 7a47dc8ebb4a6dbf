import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { PassThrough, Readable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { createBodyReader } from './body-reader.ts';

const incoming = (chunks: readonly string[], length?: number): IncomingMessage => {
  const headers = length === undefined ? {} : { 'content-length': String(length) };
  const stream = Readable.from(chunks.map((chunk) => Buffer.from(chunk)));
  return Object.assign(stream, { headers }) as unknown as IncomingMessage;
};

const bounds = { bodyBytesMax: 10, bodyBytesInFlightMax: 15 };

describe('a body reader', () => {
  it('gives the whole body and counts it until it is released, once', async () => {
    const reader = createBodyReader(bounds);
    const body = await reader.read(incoming(['hello', ' you']));
    expect(Buffer.from(body.bytes).toString()).toBe('hello you');
    expect(reader.bytes).toBe(9);
    body.release();
    body.release();
    expect(reader.bytes).toBe(0);
  });

  it('refuses a body that says it is too large, without reading it', async () => {
    const request = incoming(['x'], 11);
    const reading = createBodyReader(bounds).read(request);
    await expect(reading).rejects.toMatchObject({ code: 'payload_too_large' });
    expect(request.readableEnded).toBe(false);
  });

  it('refuses a body that turns out too large, and forgets what it had read', async () => {
    const reader = createBodyReader(bounds);
    const reading = reader.read(incoming(['123456', '78901']));
    await expect(reading).rejects.toMatchObject({ code: 'payload_too_large' });
    expect(reader.bytes).toBe(0);
  });

  it('refuses when all bodies together are too much, until one is released', async () => {
    const reader = createBodyReader(bounds);
    const first = await reader.read(incoming(['1234567890']));
    const second = reader.read(incoming(['123456']));
    await expect(second).rejects.toMatchObject({ code: 'saturated' });
    expect(reader.bytes).toBe(10);
    first.release();
    await expect(reader.read(incoming(['123456']))).resolves.toMatchObject({});
  });

  it('forgets a body whose client has gone in the middle of it', async () => {
    const reader = createBodyReader(bounds);
    const request = new PassThrough();
    const reading = reader.read(Object.assign(request, { headers: {} }) as never);
    request.write('12345');
    await once(request, 'resume');
    expect(reader.bytes).toBe(5);
    request.destroy(new Error('aborted'));
    await expect(reading).rejects.toMatchObject({ code: 'cancelled' });
    expect(reader.bytes).toBe(0);
  });
});
