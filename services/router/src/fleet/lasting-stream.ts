import type { ClientReadableStream } from '@grpc/grpc-js';
import { type SilenceWatch, watchSilence } from '@isotherm/rpc';

/** A stream from another process, and whom to tell of it. */
export interface StreamWatch<Message> {
  open(): ClientReadableStream<Message>;
  /** A stream without a word for this long counts as broken, in milliseconds. */
  readonly silenceMs: number;
  /** Lets go of the connection: it may be dead without a word, and would carry the next stream as well. */
  forget(): void;
  /** The other side has spoken for the first time on this stream. */
  opened?(): void;
  heard(message: Message): void;
  /** A stream that had been opened broke. */
  broke?(reason: string): void;
}

/** A stream that is opened again after each break until it is closed. */
export interface LastingStream {
  close(): void;
}

const retryMsMin = 50;
const retryMsMax = 2000;

export const keepStream = <Message>(watch: StreamWatch<Message>): LastingStream => {
  let closed = false;
  let retryMs = retryMsMin;
  let call: ClientReadableStream<Message> | undefined;
  let retry: NodeJS.Timeout | undefined;
  let silence: SilenceWatch | undefined;

  const connect = (): void => {
    const stream = watch.open();
    call = stream;
    let open = false;
    let ended = false;
    const end = (reason: string): void => {
      if (ended) return;
      ended = true;
      own.end();
      stream.cancel();
      if (closed) return;
      if (open) watch.broke?.(reason);
      retry = setTimeout(connect, retryMs);
      retryMs = Math.min(retryMs * 2, retryMsMax);
    };
    const own = watchSilence(watch.silenceMs, () => {
      watch.forget();
      end('silent');
    });
    silence = own;
    stream.on('data', (message) => {
      if (ended) return;
      own.heard();
      if (!open) {
        open = true;
        retryMs = retryMsMin;
        watch.opened?.();
      }
      watch.heard(message);
    });
    stream.on('error', (error) => end(error.message));
    stream.on('end', () => end('ended'));
  };

  connect();
  return {
    close: () => {
      closed = true;
      clearTimeout(retry);
      silence?.end();
      call?.cancel();
    },
  };
};
