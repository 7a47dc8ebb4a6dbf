import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { repositoryRoot } from './repository.ts';

/** A Redis that a test may use. */
export interface ProvidedRedis {
  readonly url: string;
  /** Sends a server that was started here a signal. */
  kill(signal: NodeJS.Signals): void;
  stop(): Promise<void>;
}

export interface RedisOptions {
  /** Absent: a free one. */
  readonly port?: number;
  /** A folder in which it keeps its data for a later start; absent: it keeps none. */
  readonly keepIn?: string;
}

interface RedisProvider {
  startRedis(options?: RedisOptions): Promise<ProvidedRedis>;
}

export const loadProvider = async (): Promise<RedisProvider> => {
  const file = join(repositoryRoot, 'tools', 'bootstrap', 'redis-provider.mjs');
  return (await import(pathToFileURL(file).href)) as RedisProvider;
};

/** A server of the test's own, which it may stop and start: never one that others use. */
export const startOwnRedis = async (options: RedisOptions = {}): Promise<ProvidedRedis> => {
  const given = process.env['REDIS_URL'];
  delete process.env['REDIS_URL'];
  try {
    const { startRedis } = await loadProvider();
    return await startRedis(options);
  } finally {
    if (given !== undefined) process.env['REDIS_URL'] = given;
  }
};
