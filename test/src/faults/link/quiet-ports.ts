import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below the ports that systems give to outgoing connections, which could take one while its server is away. */
const range = { from: 20_000, to: 32_000 } as const;
const triesMax = 1000;

const isFree = async (port: number): Promise<boolean> => {
  const server = createServer();
  server.listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch {
    return false;
  }
  server.close();
  await once(server, 'close');
  return true;
};

/** Free ports for servers that die and come back where they were. */
export const quietPorts = async (count: number): Promise<readonly number[]> => {
  const ports = new Set<number>();
  for (let tries = 0; ports.size < count; tries++) {
    if (tries > triesMax) throw new Error('No free port was found.');
    const port = range.from + Math.floor(Math.random() * (range.to - range.from));
    if (!ports.has(port) && (await isFree(port))) ports.add(port);
  }
  return [...ports];
};
