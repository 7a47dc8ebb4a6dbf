import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { httpReader } from './http-reader.ts';

describe('reading over HTTP', () => {
  let server: Server;
  let base: URL;
  beforeAll(async () => {
    server = createServer((request, response) => {
      if (request.url === '/long') response.end('x'.repeat(2_000));
      else if (request.url === '/endless') {
        const more = (): void => {
          while (response.write('x'.repeat(1_000)));
        };
        response.on('drain', more);
        more();
      } else if (request.url === '/away') response.writeHead(302, { location: '/short' }).end();
      else if (request.url !== '/never') response.end(request.method);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    base = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  });
  afterAll(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const read = httpReader(1_000);
  const still = new AbortController().signal;

  it('reads, and says the status of what it does not follow', async () => {
    expect(await read(new URL('/short', base), still)).toMatchObject({ status: 200, text: 'GET' });
    expect(await read(new URL('/away', base), still)).toMatchObject({ status: 302 });
    const posted = await read(new URL('/short', base), still, { method: 'POST', body: 'ä' });
    expect(posted.text).toBe('POST');
  });

  it.each(['/long', '/endless'])('refuses an answer beyond its bound: %s', async (path) => {
    await expect(read(new URL(path, base), still)).rejects.toThrow('more than 1000 bytes');
  });

  it('ends when it is told to', async () => {
    const stop = new AbortController();
    const reading = read(new URL('/never', base), stop.signal);
    server.once('request', () => stop.abort());
    await expect(reading).rejects.toThrow('/never: ');
  });

  it('names the server in a failure, and nothing that was sent', async () => {
    const free = new URL('http://127.0.0.1:1/metrics?token=secret');
    const failed = read(free, still, { headers: { authorization: 'Basic secret' } });
    await expect(failed).rejects.toThrow(/^http:\/\/127\.0\.0\.1:1\/metrics: (?!.*secret)/);
  });
});

const hasOpenssl = spawnSync('openssl', ['version']).status === 0;
const suite = hasOpenssl ? describe : describe.skip;

suite(`reading over TLS${hasOpenssl ? '' : ' (needs openssl to make a certificate)'}`, () => {
  let folder: string;
  let server: Server;
  let url: URL;
  let certificate: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'isotherm-tls-'));
    const [keyFile, certificateFile] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')];
    const made = spawnSync('openssl', [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'],
      ...['-days', '1', '-subj', '/CN=controller', '-addext', 'subjectAltName=IP:127.0.0.1'],
      ...['-keyout', keyFile, '-out', certificateFile],
    ]);
    expect(made.status).toBe(0);
    certificate = await readFile(certificateFile, 'utf8');
    const key = await readFile(keyFile, 'utf8');
    server = createTlsServer({ key, cert: certificate }, (_, response) => response.end('hello'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = new URL(`https://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  });
  afterAll(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await rm(folder, { recursive: true });
  });
  const still = new AbortController().signal;

  it('trusts nobody by default, an authority that is given, or everybody when told so', async () => {
    await expect(httpReader(100)(url, still)).rejects.toThrow(/self.signed/i);
    const given = httpReader(100, { verify: true, ca: certificate });
    expect((await given(url, still)).text).toBe('hello');
    expect((await httpReader(100, { verify: false })(url, still)).text).toBe('hello');
  });
});
