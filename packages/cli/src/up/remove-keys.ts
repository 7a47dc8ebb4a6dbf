import { Redis } from 'ioredis';

const batch = 500;
const batchesMax = 10_000;

/**
 * Removes every key of one stack from a Redis that others use too. Best effort, on the way out: a
 * Redis that is away keeps them.
 */
export const removeKeys = async (url: string, prefix: string): Promise<void> => {
  const redis = new Redis(url, {
    lazyConnect: true,
    connectTimeout: 2000,
    commandTimeout: 2000,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
  redis.on('error', () => undefined);
  try {
    await redis.connect();
    let cursor = '0';
    for (let turn = 0; turn < batchesMax; turn++) {
      const [next, keys] = await redis.scan(cursor, 'MATCH', `${prefix}:*`, 'COUNT', batch);
      if (keys.length > 0) await redis.unlink(...keys);
      if (next === '0') return;
      cursor = next;
    }
  } catch {
    // Nothing of it matters to who asked to stop.
  } finally {
    redis.disconnect();
  }
};
