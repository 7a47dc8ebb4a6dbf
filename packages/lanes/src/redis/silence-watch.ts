import type { Redis } from 'ioredis';

/** How often a connection is looked at before it counts as dead. */
const looksMax = 9;

/**
 * Ends a connection on which commands wait for answers and nothing has been read for `silenceMs`; it then reconnects as it
 * does after any failure. So does what is made of it by `duplicate`.
 *
 * Looks are counted, not milliseconds: ioredis has timeouts of its own, which run out while this very process stands still,
 * and are acted on before the answers that came meanwhile are read. Between two looks there is always time to read.
 */
export const watchSilence = (client: Redis, silenceMs: number): Redis => {
  let silentLooks = 0;
  let seenStream: Redis['stream'] | undefined;
  let seenBytes: number | undefined;
  const look = (): void => {
    // Before the first connection there is none.
    const stream: Redis['stream'] | undefined = client.stream;
    const isNews = stream !== seenStream || stream?.bytesRead !== seenBytes;
    seenStream = stream;
    seenBytes = stream?.bytesRead;
    if (stream === undefined || isNews || client.commandQueue.length === 0) {
      silentLooks = 0;
      return;
    }
    silentLooks += 1;
    if (silentLooks < looksMax) return;
    silentLooks = 0;
    stream.destroy(new Error(`Redis has not answered for ${silenceMs} ms.`));
  };
  const timer = setInterval(look, silenceMs / looksMax).unref();
  client.once('end', () => clearInterval(timer));
  const duplicate = client.duplicate.bind(client);
  client.duplicate = (override) => watchSilence(duplicate(override), silenceMs);
  return client;
};
