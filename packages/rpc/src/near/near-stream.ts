import { EventEmitter } from 'node:events';
import { Readable } from 'node:stream';
import type { ServerWritableStream, ServiceError, StatusObject } from '@grpc/grpc-js';
import { Fault } from '@isotherm/kernel';
import { statusOf } from '../status.ts';
import { asServiceError } from './service-error.ts';

/** Both ends of a server stream between two services of one process. */
export interface NearStream {
  /** What the caller reads; like a stream of grpc-js it has `cancel`. */
  readonly reader: Readable & { cancel(): void };
  /** What the handler gets. */
  readonly call: ServerWritableStream<unknown, unknown>;
  /** Cuts it, as the end of a connection would. */
  cut(): void;
}

const nearCalls = new WeakSet<object>();

/** Whether what a handler writes to is read in the same process, where a message by itself costs little. */
export const isNear = (call: object): boolean => nearCalls.has(call);

/**
 * The part of grpc-js's server stream that handlers of this project use: `request`, `write` with 'drain', `end`, a
 * status by `emit('error')`, 'cancelled'. `carry` makes of a message what would have arrived over the wire.
 */
export const createNearStream = (
  request: unknown,
  carry: (message: unknown) => unknown,
  closed: () => void,
): NearStream => {
  const call = Object.assign(new EventEmitter(), {
    request,
    cancelled: false,
    write: (message: unknown): boolean => over || reader.push(carry(message)),
    end: (): void => {
      if (finish()) reader.push(null);
    },
  });
  nearCalls.add(call);
  let over = false;
  /** True once. */
  const finish = (): boolean => {
    if (over) return false;
    over = true;
    closed();
    return true;
  };
  const leave = (): boolean => {
    if (!finish()) return false;
    call.cancelled = true;
    call.emit('cancelled');
    return true;
  };
  const fail = (error: ServiceError): void => void reader.destroy(error);
  const reader = Object.assign(
    new Readable({
      objectMode: true,
      read: () => void call.emit('drain'),
      destroy: (error, done) => {
        leave();
        done(error);
      },
    }),
    {
      cancel: (): void => {
        if (leave()) fail(asServiceError(statusOf(left)));
      },
    },
  );
  call.on('error', (status: StatusObject) => {
    if (finish()) fail(asServiceError(status));
  });
  return {
    reader,
    call: call as unknown as ServerWritableStream<unknown, unknown>,
    cut: () => {
      if (leave()) fail(asServiceError(statusOf(gone)));
    },
  };
};

const left = new Fault('cancelled', 'Cancelled on client');
const gone = new Fault('unavailable', 'The service has left this process.');
