import type { sendUnaryData, ServerUnaryCall } from '@grpc/grpc-js';
import { statusOf } from './status.ts';

/** A unary handler from a function; what it throws becomes the call's status. */
export const unaryHandler =
  <Request, Response>(handle: (request: Request) => Response | Promise<Response>) =>
  (call: ServerUnaryCall<Request, Response>, callback: sendUnaryData<Response>): void => {
    Promise.resolve()
      .then(() => handle(call.request))
      .then(
        (response) => callback(null, response),
        (error: unknown) => callback(statusOf(error)),
      );
  };
