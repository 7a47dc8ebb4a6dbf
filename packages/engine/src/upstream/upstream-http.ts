import { Readable } from 'node:stream';
import { Fault } from '@isotherm/kernel';
import { type Dispatcher, errors, Pool } from 'undici';
import { abortFault } from '../thread/abort-fault.ts';
import type { RequestBody } from './request-body.ts';
import { isRecord } from './server-error.ts';
import type { UpstreamBase, UpstreamOptions } from './upstream-options.ts';

/** A server's answer, its body not yet read. */
export interface UpstreamResponse {
  readonly status: number;
  readonly contentType: string;
  readonly retryAfter: string | undefined;
  /** Chunks as they come. Faults: `unavailable` when the connection breaks or falls silent. */
  readonly body: AsyncIterable<Uint8Array>;
  /** Lets go of a body: reads what little may be left of it, else closes the connection. */
  dispose(): void;
}

export interface UpstreamRequest {
  /** Below the base URL, or from the server's root where it starts with `root`. */
  readonly path: string;
  readonly root?: boolean;
  /** JSON; absent makes it a GET. */
  readonly body?: RequestBody;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Requests to one server, and to no other: redirections are answers, not followed. */
export interface UpstreamHttp {
  request(request: UpstreamRequest, signal: AbortSignal): Promise<UpstreamResponse>;
  close(): Promise<void>;
}

export const createUpstreamHttp = (base: UpstreamBase, options: UpstreamOptions): UpstreamHttp => {
  const { connectionsMax, connectMsMax, silenceMsMax, answerBytesMax, apiKey } = options;
  const pool = new Pool(base.origin, {
    connections: connectionsMax,
    connect: { timeout: connectMsMax },
    headersTimeout: silenceMsMax,
    bodyTimeout: silenceMsMax,
    maxResponseSize: answerBytesMax,
    pipelining: 1,
  });
  const authorization = apiKey === '' ? {} : { authorization: `Bearer ${apiKey}` };
  return {
    request: async ({ path, root, body, headers }, signal) => {
      const response = await pool
        .request({
          method: body === undefined ? 'GET' : 'POST',
          path: `${root === true ? '' : base.path}${path}`,
          headers: {
            ...authorization,
            ...headers,
            ...(body !== undefined && {
              'content-type': 'application/json',
              'content-length': String(body.bytes),
            }),
          },
          body: body === undefined ? null : (body.whole ?? Readable.from(body.chunks())),
          signal,
        })
        .catch((error: unknown) => {
          throw connectionFault(error, signal);
        });
      return responseOf(response, signal);
    },
    close: () => pool.destroy(),
  };
};

const responseOf = (response: Dispatcher.ResponseData, signal: AbortSignal): UpstreamResponse => {
  const header = (name: string): string | undefined => {
    const value = response.headers[name];
    return typeof value === 'string' ? value : value?.[0];
  };
  // A body that is given up would else end the process with what ended it.
  response.body.on('error', () => undefined);
  return {
    status: response.statusCode,
    contentType: header('content-type') ?? '',
    retryAfter: header('retry-after'),
    body: chunksOf(response, signal),
    dispose: () => {
      if (signal.aborted) response.body.destroy();
      else readLeftOver(response.body);
    },
  };
};

/** After an answer's last event only the end of its framing is due: worth keeping a connection for. */
const leftOverBytesMax = 16 << 10;
const leftOverMsMax = 100;

/** Not `dump`: a timeout that is a signal makes an error each time, long after everything has come. */
const readLeftOver = (body: Readable): void => {
  if (body.closed) return;
  let bytes = 0;
  const timer = setTimeout(() => body.destroy(), leftOverMsMax);
  body.once('close', () => clearTimeout(timer));
  body.on('data', (chunk: Uint8Array) => {
    bytes += chunk.length;
    if (bytes > leftOverBytesMax) body.destroy();
  });
  body.resume();
};

async function* chunksOf(
  { body }: Dispatcher.ResponseData,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void> {
  try {
    const chunks = body.iterator({ destroyOnReturn: false });
    for await (const chunk of chunks) yield chunk as Uint8Array;
  } catch (error) {
    throw connectionFault(error, signal);
  }
}

/** What a broken connection means to the request; the address stays in the cause, for the log. */
const connectionFault = (error: unknown, signal: AbortSignal): Fault => {
  if (signal.aborted) return abortFault(signal);
  const unavailable = (message: string): Fault =>
    new Fault('unavailable', message, { cause: error });
  if (error instanceof errors.ConnectTimeoutError) {
    return unavailable('The upstream server could not be reached in time.');
  }
  if (error instanceof errors.HeadersTimeoutError || error instanceof errors.BodyTimeoutError) {
    return unavailable('The upstream server fell silent.');
  }
  if (error instanceof errors.ResponseExceededMaxSizeError) {
    return unavailable('The upstream server sent more than an answer may have.');
  }
  if (isRecord(error) && error['code'] === 'ECONNREFUSED') {
    return unavailable('The upstream server does not answer.');
  }
  return unavailable('The connection to the upstream server broke.');
};
