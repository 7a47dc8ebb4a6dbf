import type { ClientReadableStream } from '@grpc/grpc-js';
import type { InstanceRecord } from '@isotherm/lanes';
import type { DecodeEvent, EncoderEvent, PrefillEvent, UpstreamEvent } from '@isotherm/proto';
import type { Peers } from '@isotherm/rpc';
import { type StageEvent, stageEvents } from './stage-event.ts';

export interface LinkOptions {
  readonly routerId: string;
  readonly peers: Peers;
  /** A stream without a word for this long counts as broken, in milliseconds. */
  readonly silenceMs: number;
}

export interface LinkListener {
  /** The stream is open and the instance has spoken. */
  opened(): void;
  heard(event: StageEvent): void;
  /** The stream broke: all work at the instance is lost to this router. */
  broke(reason: string): void;
}

/** One event stream to one instance, opened again after each break until it is closed. */
export interface InstanceLink {
  close(): void;
}

type WatchStream = ClientReadableStream<{
  events: (EncoderEvent | PrefillEvent | DecodeEvent | UpstreamEvent)[];
}>;

const retryMsMin = 50;
const retryMsMax = 2000;

export const openLink = (
  record: InstanceRecord,
  options: LinkOptions,
  listener: LinkListener,
): InstanceLink => {
  let closed = false;
  let retryMs = retryMsMin;
  let call: WatchStream | undefined;
  let retry: NodeJS.Timeout | undefined;
  let silence: NodeJS.Timeout | undefined;

  const connect = (): void => {
    const stream = watch(record, options);
    call = stream;
    let open = false;
    let ended = false;
    const end = (reason: string): void => {
      if (ended) return;
      ended = true;
      clearTimeout(silence);
      stream.cancel();
      if (closed) return;
      if (open) listener.broke(reason);
      retry = setTimeout(connect, retryMs);
      retryMs = Math.min(retryMs * 2, retryMsMax);
    };
    let heard = 0;
    const endIfSilent = (): void => {
      const before = heard;
      afterReading(() => {
        if (heard !== before) return;
        // Its connection may be dead without a word, and would carry the next stream as well.
        options.peers.forget(record.address);
        end('silent');
      });
    };
    silence = setTimeout(endIfSilent, options.silenceMs);
    stream.on('data', ({ events }) => {
      if (ended) return;
      heard += 1;
      silence?.refresh();
      if (!open) {
        open = true;
        retryMs = retryMsMin;
        listener.opened();
      }
      for (const message of events) for (const event of stageEvents(message)) listener.heard(event);
    });
    stream.on('error', (error) => end(error.message));
    stream.on('end', () => end('ended'));
  };

  connect();
  return {
    close: () => {
      closed = true;
      clearTimeout(retry);
      clearTimeout(silence);
      call?.cancel();
    },
  };
};

/**
 * Runs an action when what has already arrived has been read. After a stall of the event loop its
 * timers run before its sockets are read, so a timer alone takes the router's own silence for the
 * instance's. The first turn reads the socket, the second is for a message's way through gRPC.
 */
const afterReading = (action: () => void): void => {
  setImmediate(() => setImmediate(action));
};

const watch = (record: InstanceRecord, { peers, routerId }: LinkOptions): WatchStream => {
  const wanted = { routerId, instanceId: record.id };
  if (record.takes === 'conversation') return peers.upstream(record.address).watch(wanted);
  switch (record.stage) {
    case 'encode':
      return peers.encoder(record.address).watch(wanted);
    case 'prefill':
      return peers.prefill(record.address).watch(wanted);
    case 'decode':
      return peers.decode(record.address).watch(wanted);
    case 'whole':
      return peers.upstream(record.address).watch(wanted);
    default:
      return record.stage satisfies never;
  }
};
