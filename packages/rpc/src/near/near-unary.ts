import { EventEmitter } from 'node:events';
import {
  type handleUnaryCall,
  Metadata,
  type ServerUnaryCall,
  type ServiceError,
  type StatusObject,
} from '@grpc/grpc-js';
import { Fault } from '@isotherm/kernel';
import { statusOf } from '../status.ts';
import { asServiceError } from './service-error.ts';

export interface NearCallOptions {
  readonly deadline?: number | Date;
}

type Callback = (error: ServiceError | null, response?: unknown) => void;

/** Calls a unary handler; `carry` makes of its response what would have arrived over the wire. */
export const callNearUnary = (
  handle: handleUnaryCall<unknown, unknown>,
  request: unknown,
  { deadline = Number.POSITIVE_INFINITY }: NearCallOptions,
  carry: (message: unknown) => unknown,
  callback: Callback,
): void => {
  const call = Object.assign(new EventEmitter(), {
    request,
    metadata: new Metadata(),
    cancelled: false,
    getDeadline: () => deadline,
  });
  let answered = false;
  const answer = (error: ServiceError | null, response?: unknown): void => {
    if (answered) return;
    answered = true;
    clearTimeout(timer);
    callback(error, response);
  };
  const late = (): void => {
    call.cancelled = true;
    call.emit('cancelled');
    answer(asServiceError(statusOf(new Fault('deadline_exceeded', 'Deadline exceeded'))));
  };
  const leftMs = Number(deadline) - Date.now();
  const timer = Number.isFinite(leftMs) ? setTimeout(late, leftMs) : undefined;
  handle(call as unknown as ServerUnaryCall<unknown, unknown>, (status, response) => {
    if (status !== null) answer(asServiceError(status as StatusObject));
    else answer(null, carry(response));
  });
};
