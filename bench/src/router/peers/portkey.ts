import { createRequire } from 'node:module';
import { type BenchProcess, freePort, startListening } from '../bench-process.ts';

/** Portkey's open-source gateway as its package starts it, one process. */
export interface Portkey extends BenchProcess {
  readonly version: string;
  readonly baseUrl: string;
  /** What a client sends beside the request, so that the gateway asks this server. */
  headers(server: string): Readonly<Record<string, string>>;
}

const resolve = createRequire(import.meta.url);

export const startPortkey = async (): Promise<Portkey> => {
  const program = resolve.resolve('@portkey-ai/gateway/build/start-server.js');
  const { version } = resolve('@portkey-ai/gateway/package.json') as { version: string };
  const port = await freePort();
  const command = [process.execPath, program, `--port=${port}`, '--headless'];
  // Its own default would be development.
  const started = await startListening('Portkey', command, port, { NODE_ENV: 'production' });
  return {
    ...started,
    version,
    baseUrl: `http://127.0.0.1:${port}`,
    headers: (server) => ({
      'x-portkey-provider': 'openai',
      'x-portkey-custom-host': `${server}/v1`,
      authorization: 'Bearer none',
    }),
  };
};
