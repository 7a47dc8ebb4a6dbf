import {
  Agent,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request as ask,
  type ServerResponse,
} from 'node:http';
import { pipeline } from 'node:stream/promises';
import { Fault } from '@isotherm/kernel';
import type { RouterSettings } from '../settings.ts';

export type LargePoolSettings = Pick<
  RouterSettings,
  'largePoolUrl' | 'largePoolConnectMsMax' | 'bodyBytesInPlaceMax' | 'bodyBytesMax'
>;

/**
 * Another fabric that answers large requests. Whatever is done for one here takes milliseconds in every process on its way, for
 * which small ones wait; passed on byte by byte it takes the router's loop a tenth of one, and processes of the other
 * fabric may be told to step back for those of this one (`ISOTHERM_NICE`).
 */
export interface LargePool {
  /** Whether a request, of which the headers are there, is passed on: its size is known and large, and not too large. */
  takes(request: IncomingMessage): boolean;
  /**
   * Passes it on, and its answer back, as they are. False where nobody was there to take it: nothing of the request has been read
   * then. Faults: `unavailable` when the other fabric breaks off.
   */
  pass(request: IncomingMessage, response: ServerResponse, gone: AbortSignal): Promise<boolean>;
  readonly counts: LargePoolCounts;
  close(): void;
}

/** What came of large requests, by how the other fabric ended them; those whose client left count nowhere. */
export interface LargePoolCounts {
  readonly passedOn: number;
  readonly notReached: number;
  readonly brokenOff: number;
}

/** Takes nothing where the settings name no address. Faults: `invalid_argument` for one that is none. */
export const createLargePool = (settings: LargePoolSettings): LargePool => {
  const { largePoolUrl, bodyBytesInPlaceMax, bodyBytesMax } = settings;
  const base = largePoolUrl === '' ? undefined : baseUrlOf(largePoolUrl);
  const agent = new Agent({ keepAlive: true });
  const counts = { passedOn: 0, notReached: 0, brokenOff: 0 };
  return {
    counts,
    takes: ({ headers }) => {
      if (base === undefined) return false;
      const bytes = Number(headers['content-length'] ?? 0);
      return bytes > bodyBytesInPlaceMax && bytes <= bodyBytesMax;
    },
    pass: async (request, response, gone) => {
      const call = ask(new URL(request.url ?? '/', base), {
        ...{ agent, signal: gone, method: request.method ?? 'POST' },
        headers: passedOn(request.headers),
      });
      const answered = new Promise<IncomingMessage>((resolve, reject) => {
        call.on('response', resolve);
        call.on('error', reject);
      });
      answered.catch(() => undefined);
      if (!(await connected(call, settings.largePoolConnectMsMax))) {
        call.destroy();
        if (gone.aborted) throw gone.reason;
        counts.notReached += 1;
        return false;
      }
      try {
        // By `pipe`, not by `pipeline`, which would tear the client's connection down before it has an answer.
        request.pipe(call);
        const answer = await answered;
        response.writeHead(answer.statusCode ?? 502, passedOn(answer.headers));
        await pipeline(answer, response);
      } catch (error) {
        if (gone.aborted) throw gone.reason;
        counts.brokenOff += 1;
        const message = 'The fabric for large requests broke off.';
        if (response.headersSent) response.destroy();
        throw new Fault('unavailable', message, { cause: error });
      }
      counts.passedOn += 1;
      return true;
    },
    close: () => agent.destroy(),
  };
};

const baseUrlOf = (text: string): URL => {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'http:') return url;
  const message = `ISOTHERM_LARGE_POOL_URL must be an address like http://host:8080, not "${text}".`;
  throw new Fault('invalid_argument', message);
};

/** Those that speak of one connection and not of the message (RFC 9110, section 7.6.1), and the name of this host. */
const ofTheConnection: ReadonlySet<string> = new Set([
  ...['connection', 'keep-alive', 'proxy-connection', 'te', 'trailer', 'transfer-encoding'],
  ...['upgrade', 'host', 'expect'],
]);

const passedOn = (headers: IncomingHttpHeaders): IncomingHttpHeaders =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !ofTheConnection.has(name)));

const connected = (call: ReturnType<typeof ask>, waitMsMax: number): Promise<boolean> =>
  new Promise((resolve) => {
    const late = setTimeout(() => resolve(false), waitMsMax);
    const end = (is: boolean): void => {
      clearTimeout(late);
      resolve(is);
    };
    call.once('error', () => end(false));
    call.once('socket', (socket) => {
      if (socket.connecting) socket.once('connect', () => end(true));
      else end(true);
    });
  });
