import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Fault } from '@isotherm/kernel';
import type { Registry } from 'prom-client';

/** Serves GET /metrics in Prometheus' text format. */
export interface MetricsDoor {
  /** host:port; empty where nothing is served. */
  readonly address: string;
  close(): Promise<void>;
}

const requestMsMax = 10_000;

/** `listen` is host:port; port 0 takes a free one, empty serves nothing. */
export const openMetricsDoor = async (listen: string, registry: Registry): Promise<MetricsDoor> => {
  if (listen === '') return { address: '', close: () => Promise.resolve() };
  const server = createServer({ requestTimeout: requestMsMax }, (request, response) => {
    const path = request.url?.split('?')[0];
    if (path !== '/metrics') response.writeHead(404).end();
    else if (request.method !== 'GET') response.writeHead(405, { allow: 'GET' }).end();
    else {
      registry.metrics().then(
        (text) => response.writeHead(200, { 'content-type': registry.contentType }).end(text),
        () => response.writeHead(500).end(),
      );
    }
  });
  const colon = listen.lastIndexOf(':');
  const [host, port] = [listen.slice(0, colon), Number(listen.slice(colon + 1))];
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => {
      reject(new Fault('unavailable', `Cannot listen on ${listen}: ${cause.message}`, { cause }));
    });
    server.listen(port, host, resolve);
  });
  const bound = server.address() as AddressInfo;
  return {
    address: `${host}:${bound.port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
