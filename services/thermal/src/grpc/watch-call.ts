import type { ServerWritableStream } from '@grpc/grpc-js';
import type { WatchHeadroomRequest, WatchHeadroomResponseInput } from '@isotherm/proto';
import { callSignal, statusOf } from '@isotherm/rpc';
import type { Logger } from '@isotherm/runtime';
import type { WatchedHub } from '../headroom/headroom-hub.ts';
import { headroomMessage } from './headroom-messages.ts';

type WatchCall = ServerWritableStream<WatchHeadroomRequest, WatchHeadroomResponseInput>;

/** WatchHeadroom: a stream that lasts until its client or this service ends. */
export const watchHeadroom =
  (hub: WatchedHub, timeScale: number, open: Set<() => void>, logger: Logger) =>
  (call: WatchCall): void => {
    const { watcher, intervalMs } = call.request;
    const name = watcher.slice(0, 64);
    try {
      const stop = hub.watch((message, ready) => {
        if (call.write(headroomMessage(message, timeScale))) return true;
        call.once('drain', ready);
        return false;
      }, intervalMs);
      const end = (): void => {
        stop();
        call.end();
      };
      open.add(end);
      logger.info({ watcher: name }, 'watcher came');
      callSignal(call).addEventListener('abort', () => {
        open.delete(end);
        stop();
        logger.info({ watcher: name }, 'watcher left');
      });
    } catch (error) {
      call.emit('error', statusOf(error));
    }
  };
