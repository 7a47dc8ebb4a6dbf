import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import type { LinkFault } from './link-fault.ts';
import { type OneWay, oneWay } from './one-way.ts';

/** A TCP proxy that stands in front of one server and makes the link to it as bad as it is told. */
export interface FaultProxy {
  readonly port: number;
  readonly connections: number;
  /** Replaces the fault that there was; undefined heals the link. */
  apply(fault: LinkFault | undefined): void;
  close(): Promise<void>;
}

export interface FaultProxyOptions {
  /** Where the server is, on this machine; it need not be there yet. */
  readonly targetPort: number;
  /** Absent: a free one. */
  readonly port?: number;
}

interface Connection {
  readonly ends: readonly [Socket, Socket];
  readonly ways: readonly [OneWay, OneWay];
  /** Neither end hears of the other any more. */
  halfOpen: boolean;
}

const host = '127.0.0.1';

export const startFaultProxy = async (options: FaultProxyOptions): Promise<FaultProxy> => {
  const connections = new Set<Connection>();
  let fault: LinkFault | undefined;

  const accept = (client: Socket): void => {
    if (fault?.kind === 'cut') {
      client.on('error', () => undefined);
      client.resetAndDestroy();
      return;
    }
    const server = connect({ port: options.targetPort, host, allowHalfOpen: true });
    const now = (): LinkFault | undefined => fault;
    const connection: Connection = {
      ends: [client, server],
      ways: [oneWay(client, server, now), oneWay(server, client, now)],
      halfOpen: false,
    };
    connections.add(connection);
    for (const [index, end] of connection.ends.entries()) {
      const other = connection.ends[1 - index];
      end.setNoDelay(true);
      // What went wrong is told to the other end when this one has closed.
      end.on('error', () => undefined);
      end.on('close', () => {
        if (connection.halfOpen && other?.destroyed === false) return;
        connections.delete(connection);
        if (end.errored === null) other?.end();
        else other?.resetAndDestroy();
      });
    }
  };

  const listener = createServer({ allowHalfOpen: true }, accept);
  listener.listen(options.port ?? 0, host);
  await once(listener, 'listening');
  const address = listener.address();
  if (address === null || typeof address === 'string') throw new Error('A proxy has a port.');

  return {
    port: address.port,
    get connections() {
      return connections.size;
    },
    apply: (next) => {
      fault = next;
      for (const connection of connections) {
        if (next?.kind === 'cut') for (const end of connection.ends) end.resetAndDestroy();
        else if (next?.kind === 'half-open') {
          connection.halfOpen = true;
          for (const way of connection.ways) way.vanish();
        } else for (const way of connection.ways) way.changed();
      }
    },
    close: async () => {
      for (const { ends } of connections) for (const end of ends) end.destroy();
      listener.close();
      await once(listener, 'close');
    },
  };
};
