import { afterAll, describe, it } from '@jest/globals';
import { loadProvider, type ProvidedRedis, startOwnRedis } from './own-redis.ts';

/** The server that ISOTHERM_TEST_REDIS_URL names, else one that is started here. */
const anyRedis = async (): Promise<ProvidedRedis> => {
  const url = process.env['ISOTHERM_TEST_REDIS_URL'];
  if (url !== undefined && url !== '') {
    return { url, kill: () => undefined, stop: async () => {} };
  }
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
