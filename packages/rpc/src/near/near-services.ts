import type { handleUnaryCall, handleServerStreamingCall, MethodDefinition } from '@grpc/grpc-js';
import type { ServedService } from '../server.ts';
import { createNearStream, type NearStream } from './near-stream.ts';
import { callNearUnary, type NearCallOptions } from './near-unary.ts';

/**
 * Clients of services in the same process, whose calls reach their handlers without a network, a frame or a copy of a
 * socket: what two stages of one process say to each other a few thousand times a second. Messages still go through
 * their encoding, so that each side sees exactly what it would see over the wire: defaults filled in, unknown fields gone,
 * nothing shared.
 */
export interface NearServices {
  /** By the full name of the service: an object with the client's methods for its unary and server-streaming calls. */
  client(service: string): object | undefined;
  /** Ends open streams, as the end of a connection would. */
  close(): void;
}

type AnyMethod = MethodDefinition<unknown, unknown>;

export const createNearServices = (services: readonly ServedService[]): NearServices => {
  const open = new Set<NearStream>();
  const clients = new Map(
    services.map((service) => [serviceName(service), clientOf(service, open)] as const),
  );
  return {
    client: (service) => clients.get(service),
    close: () => {
      for (const stream of [...open]) stream.cut();
    },
  };
};

/** package.Service: a method's path is /package.Service/Method. */
export const serviceName = ({ definition }: Pick<ServedService, 'definition'>): string =>
  Object.values(definition)[0]?.path.split('/')[1] ?? '';

const clientOf = (
  { definition, implementation }: ServedService,
  open: Set<NearStream>,
): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    Object.entries(definition).flatMap(([name, method]: [string, AnyMethod]) => {
      const handler = implementation[name];
      // Streams of requests are for payloads, which neighbours hand over by reference.
      if (handler === undefined || method.requestStream) return [];
      const call = method.responseStream
        ? streamOf(method, handler as handleServerStreamingCall<unknown, unknown>, open)
        : unaryOf(method, handler as handleUnaryCall<unknown, unknown>);
      return [[method.originalName ?? name, call]];
    }),
  );

const asReceived = ({ requestSerialize, requestDeserialize }: AnyMethod, request: unknown) =>
  requestDeserialize(requestSerialize(request));

const carryOf =
  ({ responseSerialize, responseDeserialize }: AnyMethod) =>
  (response: unknown): unknown =>
    responseDeserialize(responseSerialize(response));

const unaryOf = (method: AnyMethod, handle: handleUnaryCall<unknown, unknown>) => {
  const carry = carryOf(method);
  return (
    request: unknown,
    options: NearCallOptions | ((...args: never[]) => void),
    callback?: Parameters<typeof callNearUnary>[4],
  ): void => {
    const answer = callback ?? (options as Parameters<typeof callNearUnary>[4]);
    const bounds = typeof options === 'function' ? {} : options;
    callNearUnary(handle, asReceived(method, request), bounds, carry, answer);
  };
};

const streamOf = (
  method: AnyMethod,
  handle: handleServerStreamingCall<unknown, unknown>,
  open: Set<NearStream>,
) => {
  const carry = carryOf(method);
  return (request: unknown): NearStream['reader'] => {
    const received = asReceived(method, request);
    const stream = createNearStream(received, carry, () => open.delete(stream));
    open.add(stream);
    // As over a network: the caller has its listeners before anything comes.
    setImmediate(() => {
      if (!stream.call.cancelled) handle(stream.call);
    });
    return stream.reader;
  };
};
