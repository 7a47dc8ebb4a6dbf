import type { Metadata, sendUnaryData, ServerUnaryCall } from '@grpc/grpc-js';
import { statusOf } from './status.ts';

/**
 * A unary handler from a function; what it throws becomes the call's status. `late` says whether the caller has stopped
 * waiting: what it was to keep for the caller would stay behind. `metadata` is what the caller sent beside the request.
 */
export const unaryHandler =
  <Request, Response>(
    handle: (
      request: Request,
      late: () => boolean,
      metadata: Metadata,
    ) => Response | Promise<Response>,
  ) =>
  (call: ServerUnaryCall<Request, Response>, callback: sendUnaryData<Response>): void => {
    const deadlineMs = Number(call.getDeadline());
    const late = (): boolean => call.cancelled || Date.now() > deadlineMs;
    Promise.resolve()
      .then(() => handle(call.request, late, call.metadata))
      .then(
        (response) => callback(null, response),
        (error: unknown) => callback(statusOf(error)),
      );
  };
