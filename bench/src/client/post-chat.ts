import { type Agent, type ClientRequest, type IncomingMessage, request } from 'node:http';

export interface ChatPost {
  /** http://host:port */
  readonly baseUrl: string | URL;
  readonly agent: Agent;
  readonly body: string | Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal | undefined;
}

/** An event that carries text, in the spelling of all servers that benches ask. */
export const textEvent = '"content": ?"[^"]';

const timeoutMsDefault = 120_000;

/** POST of a chat body. What goes wrong before the answer, and silence for too long, are the call's `error`. */
export const postChat = (
  { baseUrl, agent, body, headers = {}, timeoutMs = timeoutMsDefault, signal }: ChatPost,
  answered: (response: IncomingMessage) => void,
): ClientRequest => {
  const call = request(
    new URL('/v1/chat/completions', baseUrl),
    {
      ...{ method: 'POST', agent, timeout: timeoutMs },
      ...(signal !== undefined && { signal }),
      headers: {
        ...headers,
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
      },
    },
    answered,
  );
  call.on('timeout', () => call.destroy(new Error('no answer in time')));
  call.end(body);
  return call;
};
