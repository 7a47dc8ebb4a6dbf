import type { ClientReadableStream } from '@grpc/grpc-js';
import type { InstanceRecord } from '@isotherm/lanes';
import type { DecodeEvent, EncoderEvent, PrefillEvent, UpstreamEvent } from '@isotherm/proto';
import type { Peers } from '@isotherm/rpc';
import { keepStream, type LastingStream } from './lasting-stream.ts';
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

type WatchStream = ClientReadableStream<{
  events: (EncoderEvent | PrefillEvent | DecodeEvent | UpstreamEvent)[];
}>;

/** One event stream to one instance, opened again after each break until it is closed. */
export const openLink = (
  record: InstanceRecord,
  options: LinkOptions,
  listener: LinkListener,
): LastingStream =>
  keepStream({
    open: () => watch(record, options),
    silenceMs: options.silenceMs,
    forget: () => options.peers.forget(record.address),
    opened: () => listener.opened(),
    heard: ({ events }) => {
      for (const message of events) for (const event of stageEvents(message)) listener.heard(event);
    },
    broke: (reason) => listener.broke(reason),
  });

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
