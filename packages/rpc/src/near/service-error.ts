import type { ServiceError, StatusObject } from '@grpc/grpc-js';

/** A status as the error that a caller of grpc-js gets for it. */
export const asServiceError = ({ code, details, metadata }: StatusObject): ServiceError =>
  Object.assign(new Error(details), { code, details, metadata });
