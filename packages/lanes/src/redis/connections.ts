import { Fault } from '@isotherm/kernel';
import { Redis, type RedisOptions } from 'ioredis';
import type { ReportProblem } from '../fabric.ts';
import { gatherWrites } from './gather-writes.ts';
import { watchSilence } from './silence-watch.ts';

/** The reply mapping decides the type of every reply; it stays the default. */
type ConnectionOptions = Omit<RedisOptions, 'replyMapping'>;

/** After so long without an answer Redis counts as away, in milliseconds. */
const silenceMs = {
  /** Of commands that must fail fast. */
  fast: 900,
  /** Of workers: an idle one hears from Redis every second. */
  patient: 3_000,
} as const;

/** Longest time between two attempts to connect again, in milliseconds. */
const reconnectDelayMaxMs = 500;

/** 20 ms, doubled at each attempt up to the bound, with up to 20 ms of jitter; never gives up. */
const retryStrategy = (attempt: number): number =>
  Math.min(10 * 2 ** Math.min(attempt, 10), reconnectDelayMaxMs) + Math.random() * 20;

const shared: ConnectionOptions = {
  retryStrategy,
  connectTimeout: 2_000,
  keepAlive: 10_000,
  lazyConnect: true,
  disableClientInfo: true,
};

/**
 * For commands that must fail fast: nothing waits in a queue while Redis is away, nothing is sent
 * a second time by itself, and a server that does not answer counts as away.
 */
const failFast: ConnectionOptions = {
  ...shared,
  enableOfflineQueue: false,
  autoResendUnfulfilledCommands: false,
  maxRetriesPerRequest: 0,
};

/** For BullMQ's workers, which wait for Redis for as long as it takes. */
const patient: ConnectionOptions = {
  ...shared,
  maxRetriesPerRequest: null,
};

/** For the registry's channel. */
const subscribing: ConnectionOptions = { ...shared, maxRetriesPerRequest: null };

export interface Connections {
  /** All senders, removals and the registry. */
  readonly commands: Redis;
  /** The workers' acknowledgements; each worker adds a blocking connection of its own. */
  work(): Promise<Redis>;
  subscriber(): Promise<Redis>;
  close(): void;
}

/** Opens `commands` at once and the others when they are first asked for. */
export const openConnections = async (
  url: string,
  connectMs: number,
  report: ReportProblem,
): Promise<Connections> => {
  const opened = new Set<Redis>();
  const create = (options: ConnectionOptions, silentMsMax?: number): Redis => {
    const client = new Redis(url, options);
    if (silentMsMax !== undefined) watchSilence(client, silentMsMax);
    opened.add(client);
    gatherWrites(client);
    client.on('error', (cause: Error) => report({ kind: 'store_failed', cause }));
    return client;
  };
  const connected = async (client: Redis): Promise<Redis> => {
    try {
      await whenReady(client, connectMs);
    } catch (thrown) {
      opened.delete(client);
      throw thrown;
    }
    return client;
  };
  /** One connection for all who ask; a failure is forgotten, so that the next one tries again. */
  const once = (options: ConnectionOptions, silentMsMax?: number): (() => Promise<Redis>) => {
    let client: Promise<Redis> | undefined;
    return () => {
      client ??= connected(create(options, silentMsMax)).catch((thrown: unknown) => {
        client = undefined;
        throw thrown;
      });
      return client;
    };
  };
  return {
    commands: await connected(create(failFast, silenceMs.fast)),
    work: once(patient, silenceMs.patient),
    subscriber: once(subscribing),
    close: () => {
      for (const client of opened) client.disconnect();
    },
  };
};

/** Connects, through as many attempts as fit into `connectMs`. */
const whenReady = async (client: Redis, connectMs: number): Promise<void> => {
  let timer: NodeJS.Timeout | undefined;
  let lastError: unknown;
  const noteError = (error: unknown): void => {
    lastError = error;
  };
  client.on('error', noteError);
  try {
    await new Promise<void>((resolve, reject) => {
      timer = setTimeout(() => {
        client.disconnect();
        reject(new Fault('unavailable', 'Redis cannot be reached.', { cause: lastError }));
      }, connectMs);
      client.once('ready', resolve);
      // A failed first attempt is not the end: the retry strategy goes on until the time is up.
      client.connect().catch(noteError);
    });
  } finally {
    clearTimeout(timer);
    client.off('error', noteError);
  }
};
