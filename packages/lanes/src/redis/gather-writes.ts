import type { Socket } from 'node:net';
import type { Redis } from 'ioredis';

/**
 * Commands of one turn of the event loop go to Redis in one piece. Each keeps its own reply, timeout and error, as with a
 * write of its own; but a system call for each costs more than all else that is done for a command.
 */
export const gatherWrites = (client: Redis): void => {
  // A stream for each connection; it is ready when its first command is written.
  client.on('connect', () => corkByTurns(client.stream));
};

const corkByTurns = (stream: Socket): void => {
  const write = stream.write.bind(stream) as (...given: readonly unknown[]) => boolean;
  let gathering = false;
  const send = (): void => {
    gathering = false;
    stream.uncork();
  };
  const gather = (...given: readonly unknown[]): boolean => {
    if (!gathering) {
      gathering = true;
      stream.cork();
      setImmediate(send);
    }
    return write(...given);
  };
  stream.write = gather;
};
