import { once } from 'node:events';
import type { ClientReadableStream, ServerWritableStream } from '@grpc/grpc-js';
import { Fault } from '@isotherm/kernel';
import { faultOf } from './status.ts';

/** Writes one message and waits while the peer is slow. Throws AbortError when `signal` aborts. */
export const writeMessage = async <Request, Response>(
  call: ServerWritableStream<Request, Response>,
  message: Response,
  signal: AbortSignal,
): Promise<void> => {
  signal.throwIfAborted();
  if (!call.write(message)) await once(call, 'drain', { signal });
};

/** One for all: grpc-js says 'cancelled' at the end of every call, and an error of its own would cost a stack trace. */
const callEnded = new Fault(
  'cancelled',
  'The client has left the call, or its deadline has passed.',
);

/** A signal that aborts when the client of a call has left or its deadline has passed. */
export const callSignal = (call: {
  on(event: 'cancelled', listener: () => void): unknown;
  readonly cancelled: boolean;
}): AbortSignal => {
  const controller = new AbortController();
  if (call.cancelled) controller.abort(callEnded);
  call.on('cancelled', () => controller.abort(callEnded));
  return controller.signal;
};

/**
 * The messages of a server stream. Leaving the loop in any way cancels the call (grpc-js does not do that by
 * itself); an error status is thrown as a Fault.
 */
export async function* messagesOf<Message>(
  call: ClientReadableStream<Message>,
  signal?: AbortSignal,
): AsyncGenerator<Message, void, void> {
  const cancel = (): void => call.cancel();
  signal?.addEventListener('abort', cancel, { once: true });
  if (signal?.aborted === true) cancel();
  try {
    for await (const message of call) yield message as Message;
  } catch (error) {
    signal?.throwIfAborted();
    throw faultOf(error);
  } finally {
    signal?.removeEventListener('abort', cancel);
    call.cancel();
  }
}
