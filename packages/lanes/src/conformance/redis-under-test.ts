export interface ProvidedRedis {
  readonly how: string;
  readonly url: string;
  stop(): Promise<void>;
}

interface RedisProvider {
  readonly startRedis: (options?: { readonly port?: number }) => Promise<ProvidedRedis>;
}

/** A server for one test file, or the reason why there is none. */
export type RedisUnderTest =
  | { readonly kind: 'provided'; readonly redis: ProvidedRedis }
  | { readonly kind: 'missing'; readonly reason: string };

/** The server that ISOTHERM_TEST_REDIS_URL names, else one that is started here. */
export const redisUnderTest = async (): Promise<RedisUnderTest> => {
  const url = process.env['ISOTHERM_TEST_REDIS_URL'];
  if (url !== undefined && url !== '') {
    const how = 'the server that ISOTHERM_TEST_REDIS_URL names';
    return { kind: 'provided', redis: { how, url, stop: async () => {} } };
  }
  const given = process.env['REDIS_URL'];
  if (given !== undefined && given !== '') {
    const how = 'the server that REDIS_URL names';
    return { kind: 'provided', redis: { how, url: given, stop: async () => {} } };
  }
  return ownRedis();
};

/** A server that the test may stop and start; never one that others use. */
export const ownRedis = async (port?: number): Promise<RedisUnderTest> => {
  const given = process.env['REDIS_URL'];
  delete process.env['REDIS_URL'];
  try {
    const { startRedis } = await loadProvider();
    const redis = await startRedis(port === undefined ? {} : { port });
    return { kind: 'provided', redis };
  } catch (thrown) {
    return { kind: 'missing', reason: thrown instanceof Error ? thrown.message : String(thrown) };
  } finally {
    if (given !== undefined) process.env['REDIS_URL'] = given;
  }
};

const providerUrl = new URL('../../../../tools/bootstrap/redis-provider.mjs', import.meta.url);

const loadProvider = async (): Promise<RedisProvider> => {
  const module: unknown = await import(providerUrl.href);
  return module as RedisProvider;
};
