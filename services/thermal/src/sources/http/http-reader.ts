import { request as plainRequest } from 'node:http';
import { request as tlsRequest, type RequestOptions } from 'node:https';
import type { IncomingMessage } from 'node:http';

/** How a server's certificate is checked. */
export interface TlsOptions {
  /** Certificates of authorities that are trusted in place of the system's, PEM. */
  readonly ca?: string;
  /** `false`: any certificate is taken, as of management controllers that signed their own. */
  readonly verify: boolean;
}

export interface HttpRequest {
  readonly method?: 'GET' | 'POST' | 'DELETE';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly text: string;
}

/** Asks a server; follows no redirection, since what it sends along is meant for this server alone. */
export type HttpReader = (
  url: URL,
  signal: AbortSignal,
  request?: HttpRequest,
) => Promise<HttpAnswer>;

/** `bytesMax`: a longer answer is cut off and refused. */
export const httpReader =
  (bytesMax: number, tls: TlsOptions = { verify: true }): HttpReader =>
  (url, signal, { method = 'GET', headers = {}, body } = {}) =>
    new Promise((resolve, reject) => {
      const options: RequestOptions = {
        ...{ method, signal },
        headers: {
          ...headers,
          ...(body !== undefined && { 'content-length': String(Buffer.byteLength(body)) }),
        },
        ...(url.protocol === 'https:' && {
          rejectUnauthorized: tls.verify,
          ...(tls.ca !== undefined && { ca: tls.ca }),
        }),
      };
      const send = url.protocol === 'https:' ? tlsRequest : plainRequest;
      const request = send(url, options, (response) => {
        readText(response, bytesMax).then(
          (text) => resolve({ status: response.statusCode ?? 0, headers: flat(response), text }),
          (cause: unknown) => reject(failure(url, cause)),
        );
      });
      request.on('error', (cause) => reject(failure(url, cause)));
      request.end(body);
    });

const readText = async (response: IncomingMessage, bytesMax: number): Promise<string> => {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > bytesMax) {
      response.destroy();
      throw new Error(`answers with more than ${bytesMax} bytes`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
};

const flat = ({ headers }: IncomingMessage): Readonly<Record<string, string | undefined>> =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value[0] : value]),
  );

/** A sentence that names the server and the path, and nothing that was sent. */
const failure = (url: URL, cause: unknown): Error => {
  // Of a host with several addresses only the code is told.
  const { code = 'failed', message = '' } = cause as { code?: string; message?: string };
  const why = message === '' ? code : message;
  return new Error(`${url.origin}${url.pathname}: ${why}`, { cause });
};
