import * as grpc from '@grpc/grpc-js';
import { Fault, type FaultCode, faultTable, isFaultCode } from '@isotherm/kernel';

/** Metadata keys that carry a Fault's code and parameter beside the gRPC status. */
export const faultCodeKey = 'isotherm-code';
export const faultParamKey = 'isotherm-param';
/** Milliseconds after which gRPC clients that retry by policy may do so (gRFC A6). */
export const retryPushbackKey = 'grpc-retry-pushback-ms';

/** A Fault as a gRPC status with trailers. */
export const statusOf = (thrown: unknown): grpc.StatusObject => {
  const fault = Fault.from(thrown);
  const metadata = new grpc.Metadata();
  metadata.set(faultCodeKey, fault.code);
  if (fault.param !== undefined) metadata.set(faultParamKey, asciiOnly(fault.param));
  if (fault.retryAfterMs !== undefined) {
    metadata.set(retryPushbackKey, `${Math.ceil(fault.retryAfterMs)}`);
  }
  return { code: faultTable[fault.code].grpcStatus, details: fault.message, metadata };
};

/** An error that a gRPC call ended with, as a Fault: by its trailers, else by its status code. */
export const faultOf = (thrown: unknown): Fault => {
  if (!isServiceError(thrown)) return Fault.from(thrown);
  const named = thrown.metadata?.get(faultCodeKey)[0];
  const param = thrown.metadata?.get(faultParamKey)[0];
  const pushback = Number(thrown.metadata?.get(retryPushbackKey)[0] ?? Number.NaN);
  const code = typeof named === 'string' && isFaultCode(named) ? named : codeOfStatus(thrown.code);
  return new Fault(code, thrown.details === '' ? thrown.message : thrown.details, {
    cause: thrown,
    ...(typeof param === 'string' && { param }),
    ...(pushback >= 0 && { retryAfterMs: pushback }),
  });
};

const isServiceError = (thrown: unknown): thrown is grpc.ServiceError =>
  thrown instanceof Error &&
  'code' in thrown &&
  'details' in thrown &&
  typeof thrown.code === 'number';

/** Header values are ASCII; anything else is shown as '?'. */
const asciiOnly = (text: string): string => text.replace(/[^\x20-\x7e]/g, '?');

const codeOfStatus = (status: grpc.status): FaultCode => {
  switch (status) {
    case grpc.status.INVALID_ARGUMENT:
    case grpc.status.OUT_OF_RANGE:
      return 'invalid_argument';
    case grpc.status.UNIMPLEMENTED:
      return 'unsupported';
    case grpc.status.CANCELLED:
      return 'cancelled';
    case grpc.status.DEADLINE_EXCEEDED:
      return 'deadline_exceeded';
    case grpc.status.RESOURCE_EXHAUSTED:
      return 'saturated';
    case grpc.status.UNAVAILABLE:
      return 'unavailable';
    case grpc.status.NOT_FOUND:
      return 'not_found';
    default:
      return 'internal';
  }
};
