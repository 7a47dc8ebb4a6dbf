import { Redis } from 'ioredis';
import { Fault } from '@isotherm/kernel';
import type { HistoryStore } from './store.ts';

/** Commands in one round trip: a longer one would hold up the lanes, which share this Redis. */
const commandsMax = 200;
const commandMsMax = 2_000;

/**
 * Rings in Redis: SETRANGE at the record's place, so that a key never grows beyond its ring. A connection of its own, which
 * fails fast while Redis is away and comes back by itself.
 */
export const redisHistory = (
  url: string,
  report: (error: unknown) => void,
): HistoryStore & {
  /** Resolves once it is connected. */
  ready(): Promise<void>;
} => {
  const redis = new Redis(url, {
    ...{ enableOfflineQueue: false, maxRetriesPerRequest: 0, commandTimeout: commandMsMax },
    ...{ autoResendUnfulfilledCommands: false, disableClientInfo: true },
  });
  redis.on('error', report);
  return {
    write: async (pieces) => {
      for (let first = 0; first < pieces.length; first += commandsMax) {
        const pipeline = redis.pipeline();
        for (const { key, offset, bytes, keptMs } of pieces.slice(first, first + commandsMax)) {
          pipeline.setrange(key, offset, bytes);
          pipeline.pexpire(key, keptMs);
        }
        const replies = (await pipeline.exec()) ?? [];
        const failed = replies.find(([error]) => error !== null);
        if (failed !== undefined) throw unavailable(failed[0]);
      }
    },
    put: async (key, bytes, keptMs) => {
      try {
        await redis.set(key, bytes, 'PX', keptMs);
      } catch (cause) {
        throw unavailable(cause);
      }
    },
    read: async (key) => {
      try {
        return (await redis.getBuffer(key)) ?? undefined;
      } catch (cause) {
        throw unavailable(cause);
      }
    },
    ready: () =>
      redis.status === 'ready'
        ? Promise.resolve()
        : new Promise((resolve) => {
            redis.once('ready', () => resolve());
          }),
    close: () => redis.disconnect(),
  };
};

const unavailable = (cause: unknown): Fault =>
  new Fault('unavailable', 'The history cannot be reached.', { cause });
