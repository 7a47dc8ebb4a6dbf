import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { repositoryRoot } from './repository.ts';

export interface ProvidedRedis {
  /** What was found or started, as part of a sentence. */
  readonly how: string;
  readonly url: string;
  stop(): Promise<void>;
}

/** A Redis in the order of tools/bootstrap/redis-provider.mjs: REDIS_URL, native, Docker, installed. */
export const provideRedis = async (): Promise<ProvidedRedis> => {
  const file = join(repositoryRoot, 'tools', 'bootstrap', 'redis-provider.mjs');
  const module: unknown = await import(pathToFileURL(file).href);
  return (module as { startRedis(): Promise<ProvidedRedis> }).startRedis();
};
