import { join } from 'node:path';
import { startServiceProcess } from '@isotherm/stack';
import { repositoryRoot } from '../../report/repository.ts';

/** The router and an instance in front of a server, in one process and without Redis: what a gateway is. */
export interface Gateway {
  readonly pid: number;
  readonly baseUrl: string;
  stop(): Promise<void>;
}

const readyMsMax = 30_000;
const stopGraceMs = 5_000;

export const startGateway = async (server: string): Promise<Gateway> => {
  const process = await startServiceProcess({
    service: 'embedded',
    main: join(repositoryRoot, 'services/embedded/dist/main.js'),
    environment: {
      ISOTHERM_ENGINE: 'upstream',
      ISOTHERM_UPSTREAM_URL: `${server}/v1`,
      ISOTHERM_LOG_LEVEL: 'warn',
    },
    readyMsMax,
    log: () => undefined,
  });
  return {
    pid: process.pid,
    baseUrl: process.ready.http ?? '',
    stop: async () => void (await process.stop(stopGraceMs)),
  };
};
