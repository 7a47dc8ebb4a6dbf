export interface ProvidedRedis {
  /** What it is, as part of a sentence. */
  readonly how: string;
  readonly url: string;
  /** Settles when a server that was started here has ended; absent where another looks after it. */
  readonly ended?: Promise<unknown>;
  stop(): Promise<void>;
}

interface RedisProvider {
  startRedis(options: {
    readonly ownGroup: boolean;
    readonly port?: number;
  }): Promise<ProvidedRedis>;
}

/**
 * The tools are plain modules outside the packages, because they must run before anything is
 * installed.
 */
const providerUrl = new URL('../../../../tools/bootstrap/redis-provider.mjs', import.meta.url);

/**
 * Finds or starts a Redis. It gets a process group of its own: a Ctrl-C at the terminal must not
 * end it before the services that use it have finished.
 */
export const provideRedis = async (port?: number): Promise<ProvidedRedis> => {
  const provider = (await import(providerUrl.href)) as RedisProvider;
  return provider.startRedis({ ownGroup: true, ...(port !== undefined && { port }) });
};
