import * as grpc from '@grpc/grpc-js';
import { ReflectionService } from '@grpc/reflection';
import { Fault } from '@isotherm/kernel';
import { HealthImplementation } from 'grpc-health-check';
import { serverOptions } from './channel-options.ts';
import { loadForReflection } from './protos.ts';

export interface ServedService {
  readonly definition: grpc.ServiceDefinition;
  readonly implementation: grpc.UntypedServiceImplementation;
}

export interface ServerOptions {
  /** host:port to listen on; port 0 takes a free one. */
  readonly listen: string;
  /** host that peers reach this process by. */
  readonly advertiseHost: string;
  /** port that peers reach it by; absent or 0: the bound one. */
  readonly advertisePort?: number;
  readonly services: readonly ServedService[];
  /** Lets anyone list services and messages: for development. */
  readonly reflection: boolean;
}

export interface RunningServer {
  /** Address for peers, host:port. */
  readonly address: string;
  /** What the standard health service answers (for the whole server). */
  setHealth(status: 'SERVING' | 'NOT_SERVING'): void;
  /** Waits up to `graceMs` for open calls, then cuts them. */
  close(graceMs: number): Promise<void>;
}

/** Starts a gRPC server with the standard health service and, if wanted, reflection. */
export const startServer = async (options: ServerOptions): Promise<RunningServer> => {
  const server = new grpc.Server(serverOptions);
  const health = new HealthImplementation({ '': 'NOT_SERVING' });
  health.addToServer(server);
  for (const service of options.services)
    server.addService(service.definition, service.implementation);
  if (options.reflection) reflectionOf(options.services).addToServer(server);
  const bound = await bind(server, options.listen);
  const port = options.advertisePort || bound;
  return {
    address: `${options.advertiseHost}:${port}`,
    setHealth: (status) => health.setStatus('', status),
    close: (graceMs) => shutDown(server, graceMs),
  };
};

/** Lists what this server serves, not every contract that there is. */
const reflectionOf = (services: readonly ServedService[]): ReflectionService =>
  new ReflectionService(loadForReflection(), {
    services: [
      'grpc.health.v1.Health',
      ...services.flatMap(({ definition }) => {
        const [method] = Object.values(definition);
        // A method's path is /package.Service/Method.
        return method === undefined ? [] : (method.path.split('/')[1] ?? []);
      }),
    ],
  });

const bind = (server: grpc.Server, listen: string): Promise<number> =>
  new Promise((resolve, reject) => {
    server.bindAsync(listen, grpc.ServerCredentials.createInsecure(), (error, port) => {
      if (error === null) resolve(port);
      else
        reject(
          new Fault('unavailable', `Cannot listen on ${listen}: ${error.message}`, {
            cause: error,
          }),
        );
    });
  });

/** tryShutdown waits for ever on open streams, so a grace bounds it. */
const shutDown = (server: grpc.Server, graceMs: number): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(() => server.forceShutdown(), graceMs);
    server.tryShutdown(() => {
      clearTimeout(timer);
      resolve();
    });
  });
