import { type ProvidedRedis, provideRedis } from './provide-redis.ts';
import type { Show } from './up-event.ts';

const restartsMax = 3;

export interface KeepRedisOptions {
  readonly first: ProvidedRedis;
  readonly show: Show;
  readonly signal: AbortSignal;
  /** Takes each new server, which is then the one to stop. */
  replaced(redis: ProvidedRedis): void;
}

/**
 * Starts Redis again, empty and on the same port, when the one that was started here has died; at
 * most 3 times. The services connect again by themselves, and their heartbeats fill the registry.
 */
export const keepRedis = async (options: KeepRedisOptions): Promise<void> => {
  const { show, signal } = options;
  let redis = options.first;
  for (let restart = 0; restart < restartsMax; restart++) {
    if (redis.ended === undefined) return;
    await redis.ended;
    if (signal.aborted) return;
    await show({ kind: 'redisDied' });
    // It has ended; what is left to stop is its folder.
    await redis.stop();
    redis = await provideRedis(Number(new URL(redis.url).port));
    options.replaced(redis);
    await show({ kind: 'redis', how: redis.how, url: redis.url });
  }
};
