import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, it } from '@jest/globals';
import { repositoryRoot } from './repository.ts';

/** A Redis that a test may use. */
export interface ProvidedRedis {
  readonly url: string;
  stop(): Promise<void>;
}

interface RedisProvider {
  startRedis(options?: { readonly port?: number }): Promise<ProvidedRedis>;
}

const loadProvider = async (): Promise<RedisProvider> => {
  const file = join(repositoryRoot, 'tools', 'bootstrap', 'redis-provider.mjs');
  return (await import(pathToFileURL(file).href)) as RedisProvider;
};

/** A server of the test's own, which it may stop and start: never one that others use. */
export const startOwnRedis = async (port?: number): Promise<ProvidedRedis> => {
  const given = process.env['REDIS_URL'];
  delete process.env['REDIS_URL'];
  try {
    const { startRedis } = await loadProvider();
    return await startRedis(port === undefined ? {} : { port });
  } finally {
    if (given !== undefined) process.env['REDIS_URL'] = given;
  }
};

/** The server that ISOTHERM_TEST_REDIS_URL names, else one that is started here. */
const anyRedis = async (): Promise<ProvidedRedis> => {
  const url = process.env['ISOTHERM_TEST_REDIS_URL'];
  if (url !== undefined && url !== '') return { url, stop: async () => {} };
  const { startRedis } = await loadProvider();
  return startRedis();
};

/**
 * A suite that needs Redis. Where none can be had it is skipped, and its name says why. `own`
 * starts a server that the suite may kill.
 */
export const describeWithRedis = async (
  title: string,
  options: { readonly own: boolean },
  body: (redis: ProvidedRedis) => void,
): Promise<void> => {
  const redis = await (options.own ? startOwnRedis() : anyRedis()).catch((error: unknown) => error);
  if (isRedis(redis)) {
    describe(title, () => {
      body(redis);
      afterAll(() => redis.stop());
    });
    return;
  }
  const reason = redis instanceof Error ? redis.message : String(redis);
  describe.skip(`${title}: NOT TESTED. ${reason}`, () => {
    it('needs a Redis', () => undefined);
  });
};

const isRedis = (value: unknown): value is ProvidedRedis =>
  typeof value === 'object' && value !== null && 'url' in value && 'stop' in value;
