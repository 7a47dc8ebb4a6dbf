import type { ServiceError } from '@grpc/grpc-js';
import { faultOf } from './status.ts';

type UnaryCallback<Response> = (error: ServiceError | null, response?: Response) => void;

/** A unary call as a promise; an error status is thrown as a Fault. */
export const callUnary = <Response>(
  start: (callback: UnaryCallback<Response>) => unknown,
): Promise<Response> =>
  new Promise((resolve, reject) => {
    start((error, response) => {
      if (error !== null) reject(faultOf(error));
      else if (response === undefined) reject(new Error('A call ended without a response.'));
      else resolve(response);
    });
  });
