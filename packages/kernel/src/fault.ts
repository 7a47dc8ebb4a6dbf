/**
 * Every way in which a request can end without its answer. The one table that maps a code to gRPC, HTTP
 * and retryability is in `faultTable`; docs/errors.md shows the same table (checked by the tidy test).
 */
export const faultCodes = [
  'invalid_argument',
  'unknown_model',
  'unsupported',
  'context_length_exceeded',
  'payload_too_large',
  'cancelled',
  'deadline_exceeded',
  'rate_limited',
  'saturated',
  'preempted',
  'unavailable',
  'not_found',
  'method_not_allowed',
  'internal',
] as const;
export type FaultCode = (typeof faultCodes)[number];

export interface FaultRow {
  /** Canonical gRPC status code number. */
  readonly grpcStatus: number;
  readonly httpStatus: number;
  /** Whether the same work may succeed on another instance: the router's retries follow this column. */
  readonly retryable: boolean;
}

export const faultTable: Readonly<Record<FaultCode, FaultRow>> = {
  invalid_argument: { grpcStatus: 3, httpStatus: 400, retryable: false },
  unknown_model: { grpcStatus: 5, httpStatus: 404, retryable: false },
  unsupported: { grpcStatus: 12, httpStatus: 400, retryable: false },
  context_length_exceeded: { grpcStatus: 3, httpStatus: 400, retryable: false },
  payload_too_large: { grpcStatus: 3, httpStatus: 413, retryable: false },
  cancelled: { grpcStatus: 1, httpStatus: 499, retryable: false },
  deadline_exceeded: { grpcStatus: 4, httpStatus: 504, retryable: false },
  rate_limited: { grpcStatus: 8, httpStatus: 429, retryable: false },
  saturated: { grpcStatus: 8, httpStatus: 503, retryable: true },
  preempted: { grpcStatus: 10, httpStatus: 503, retryable: true },
  unavailable: { grpcStatus: 14, httpStatus: 503, retryable: true },
  not_found: { grpcStatus: 5, httpStatus: 404, retryable: true },
  method_not_allowed: { grpcStatus: 12, httpStatus: 405, retryable: false },
  internal: { grpcStatus: 13, httpStatus: 500, retryable: false },
};

export interface FaultOptions {
  /** The request field at fault, as the client spells it (for example `messages[0].content[1].image_url`). */
  readonly param?: string;
  /** After how long another attempt may succeed, in milliseconds. */
  readonly retryAfterMs?: number;
  readonly cause?: unknown;
}

/** An expected failure with a code; `message` is safe to show to the client. */
export class Fault extends Error {
  override readonly name = 'Fault';
  readonly code: FaultCode;
  readonly param: string | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(code: FaultCode, message: string, options: FaultOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.param = options.param;
    this.retryAfterMs = options.retryAfterMs;
  }

  /** Any thrown value as a Fault: a Fault as it is, an abort as `cancelled`, the rest as `internal`. */
  static from(thrown: unknown): Fault {
    if (thrown instanceof Fault) return thrown;
    if (thrown instanceof Error && thrown.name === 'AbortError') {
      return thrown.cause instanceof Fault
        ? thrown.cause
        : new Fault('cancelled', 'The request was cancelled.', { cause: thrown });
    }
    return new Fault('internal', 'Internal error.', { cause: thrown });
  }
}

export const isFaultCode = (text: string): text is FaultCode =>
  (faultCodes as readonly string[]).includes(text);
