import { once } from 'node:events';
import { createServer } from 'node:net';
import { CommandError } from '../exit-code.ts';

export interface PortWish {
  /** Undefined: `preferred` if it is free, else any. 0: any. */
  readonly wanted: number | undefined;
  readonly preferred: number;
  /** How to choose another, for the message. */
  readonly option: string;
}

/**
 * A free port on the loopback. It is chosen before the service starts, so that a restarted router
 * keeps its address.
 */
export const choosePort = async ({ wanted, preferred, option }: PortWish): Promise<number> => {
  if (wanted === undefined) return (await freePort(preferred)) ?? anyPort();
  if (wanted === 0) return anyPort();
  const port = await freePort(wanted);
  if (port === undefined) {
    throw new CommandError(`Port ${wanted} is taken. Choose another with ${option}, or 0 for any.`);
  }
  return port;
};

const anyPort = async (): Promise<number> => {
  const port = await freePort(0);
  if (port === undefined) throw new CommandError('No free port was found on 127.0.0.1.');
  return port;
};

const freePort = async (port: number): Promise<number | undefined> => {
  const server = createServer();
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    return typeof address === 'object' && address !== null ? address.port : undefined;
  } catch {
    return undefined;
  } finally {
    server.close();
  }
};
