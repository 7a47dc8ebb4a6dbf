import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Fault, type FaultCode, faultTable, type Stage } from '@isotherm/kernel';
import { askedByHeaders } from '../admission/who-asks.ts';
import type { SpelledLogprobs } from '../answer/answer-text.ts';
import type { Aside } from '../aside/aside.ts';
import type { OpenResponse, Responder } from '../answer/respond.ts';
import type { BodyReader } from './body-reader.ts';
import type { ChatCall } from './chat-schema.ts';
import { chunk, completion, type CompletionHead, usageChunk } from './completion.ts';
import type { LargePool } from './large-pool.ts';
import { modelEntry, modelList, modelPathHead } from './model-list.ts';

export interface HttpDoorOptions {
  readonly host: string;
  readonly port: number;
  readonly bodies: BodyReader;
  readonly parse: Aside['parse'];
  /** Longest time that a client may take to send a request, in milliseconds. */
  readonly bodyReadMsMax: number;
  readonly responder: Responder;
  readonly largePool: LargePool;
  /** Instances of each stage that take work. */
  readyInstances(): Readonly<Record<Stage, number>>;
  /** Whether some model can be answered with them. */
  canAnswer(): boolean;
}

/** The OpenAI-compatible HTTP API. */
export interface HttpDoor {
  readonly address: string;
  /** Accepts no new connection and lets open responses end; the caller bounds that by draining first. */
  close(): Promise<void>;
}

export const openHttpDoor = async (options: HttpDoorOptions): Promise<HttpDoor> => {
  const server = createServer((request, response) => void serve(request, response, options));
  server.requestTimeout = options.bodyReadMsMax;
  server.listen(options.port, options.host);
  await once(server, 'listening').catch((error: unknown) => {
    throw new Fault('unavailable', `Cannot listen on ${options.host}:${options.port}.`, {
      cause: error,
    });
  });
  return { address: `http://${options.host}:${portOf(server)}`, close: () => closeServer(server) };
};

const portOf = (server: Server): number => {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
};

const closeServer = async (server: Server): Promise<void> => {
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
};

const serve = async (
  request: IncomingMessage,
  response: ServerResponse,
  options: HttpDoorOptions,
): Promise<void> => {
  const gone = new AbortController();
  response.on('close', () => {
    // After a whole answer nothing is left to stop, and an abort would build and dispatch for nothing.
    if (!response.writableFinished) gone.abort();
  });
  try {
    await route(request, response, options, gone.signal);
  } catch (error) {
    sendFault(response, error);
  }
};

type Answer = (
  request: IncomingMessage,
  response: ServerResponse,
  options: HttpDoorOptions,
  gone: AbortSignal,
) => Promise<void> | void;

interface Route {
  readonly method: 'GET' | 'POST';
  readonly answer: Answer;
}

/** Every path with its one method; GET also answers HEAD. */
const routes: Readonly<Record<string, Route>> = {
  '/v1/chat/completions': { method: 'POST', answer: (...call) => chat(...call) },
  '/v1/models': {
    method: 'GET',
    answer: (_, response, { responder }) => sendJson(response, 200, modelList(responder.models)),
  },
  '/healthz': {
    method: 'GET',
    answer: (_, response) => sendJson(response, 200, { status: 'alive' }),
  },
  '/readyz': { method: 'GET', answer: (_, response, options) => sendReadiness(response, options) },
};

const oneModel: Route = {
  method: 'GET',
  answer: (request, response, { responder }) =>
    sendJson(response, 200, modelEntry(responder.models, pathOf(request))),
};

const routeOf = (path: string): Route | undefined =>
  path.startsWith(modelPathHead)
    ? oneModel
    : Object.hasOwn(routes, path)
      ? routes[path]
      : undefined;

const pathOf = ({ url }: IncomingMessage): string => (url ?? '/').split('?')[0] ?? '/';

const route: Answer = async (request, response, options, gone) => {
  const path = pathOf(request);
  const known = routeOf(path);
  if (known === undefined) {
    const all = [...Object.entries(routes), [`${modelPathHead}MODEL`, oneModel] as const];
    const there = all.map(([each, { method }]) => `${method} ${each}`);
    const message = `There is no ${path.slice(0, 200)}; there are ${there.join(', ')}.`;
    throw new Fault('not_found', message);
  }
  const method = request.method === 'HEAD' ? 'GET' : request.method;
  if (method !== known.method) {
    response.setHeader('allow', known.method);
    throw new Fault('method_not_allowed', `${path} takes ${known.method}, not ${method ?? ''}.`);
  }
  await known.answer(request, response, options, gone);
};

/** Ready when a model has all its stages and the router takes requests; the counts say who is missing. */
const sendReadiness = (response: ServerResponse, options: HttpDoorOptions): void => {
  const instances = options.readyInstances();
  const ready = !options.responder.draining && options.canAnswer();
  sendJson(response, ready ? 200 : 503, { status: ready ? 'ready' : 'not ready', instances });
};

const chat = async (
  request: IncomingMessage,
  response: ServerResponse,
  { responder, bodies, parse, largePool }: HttpDoorOptions,
  gone: AbortSignal,
): Promise<void> =>
  responder.handle(gone, async (handling) => {
    if (largePool.takes(request) && (await largePool.pass(request, response, gone))) {
      handling.passedOn();
      return;
    }
    response.setHeader('x-request-id', handling.id);
    const asked = askedByHeaders((name) => headerOf(request, name));
    const body = await bodies.read(request);
    try {
      await handling.sized(body.bytes.length);
      const call = await parse(body.bytes, deadlineMsOf(request), gone);
      const open = await handling.open({ ...call.chat, ...asked });
      const head: CompletionHead = {
        id: `chatcmpl-${handling.id}`,
        created: Math.floor(Date.now() / 1000),
        model: open.request.model,
      };
      await (call.stream ? stream(response, head, call, open) : whole(response, head, call, open));
    } finally {
      body.release();
    }
  });

const whole = async (
  response: ServerResponse,
  head: CompletionHead,
  call: ChatCall,
  open: OpenResponse,
): Promise<void> => {
  let text = '';
  const logprobs: SpelledLogprobs[] = [];
  for await (const event of open.events) {
    if (event.kind === 'text') {
      text += event.text;
      logprobs.push(...event.logprobs);
    } else {
      const asked = asksLogprobs(call) ? logprobs : null;
      sendJson(response, 200, completion(head, text, asked, event));
    }
  }
};

/** Headers go out with the first event, so that a request that fails before it has a status of its own. */
const stream = async (
  response: ServerResponse,
  head: CompletionHead,
  call: ChatCall,
  open: OpenResponse,
): Promise<void> => {
  const send = async (...messages: readonly (object | string)[]): Promise<void> => {
    const data = messages.map((one) => (typeof one === 'string' ? one : JSON.stringify(one)));
    const lines = data.map((one) => `data: ${one}\n\n`).join('');
    gather(response);
    if (!response.write(lines)) await once(response, 'drain', { signal: open.signal });
  };
  const begin = (): void => {
    if (response.headersSent) return;
    gather(response, (uncork) => process.nextTick(uncork));
    response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache',
      'x-accel-buffering': 'no',
    });
    response.write(`data: ${JSON.stringify(chunk(head, { role: 'assistant', content: '' }))}\n\n`);
  };
  for await (const event of open.events) {
    begin();
    if (event.kind === 'text') {
      const { logprobs } = event;
      await send(chunk(head, { content: event.text }, asksLogprobs(call) ? { logprobs } : {}));
    } else {
      const usage = call.includeUsage ? [usageChunk(head, event)] : [];
      await send(chunk(head, {}, { finishReason: event.reason }), ...usage, '[DONE]');
    }
  }
  response.end();
};

/**
 * What is written in one turn of the event loop goes out at its end, in one piece: a system call each is dear. The first
 * token goes `soon`, with what is written beside it.
 */
const gather = (
  response: ServerResponse,
  soon: (uncork: () => void) => void = setImmediate,
): void => {
  if (response.writableCorked > 0) return;
  response.cork();
  soon(() => response.uncork());
};

const asksLogprobs = ({ chat }: ChatCall): boolean => chat.sampling.topLogprobs !== undefined;

/** A header that is given twice says what neither of them says, and is refused as that. */
const headerOf = ({ headers }: IncomingMessage, name: string): string | undefined => {
  const value = headers[name];
  return Array.isArray(value) ? value.join(', ') : value;
};

const deadlineHeader = 'x-isotherm-timeout-ms';

const deadlineMsOf = (request: IncomingMessage): number | undefined => {
  const header = request.headers[deadlineHeader];
  if (header === undefined) return undefined;
  const timeoutMs = Number(header);
  if (!Number.isInteger(timeoutMs) || timeoutMs < 1) {
    throw new Fault(
      'invalid_argument',
      `${deadlineHeader} must be a whole number of milliseconds.`,
      {
        param: deadlineHeader,
      },
    );
  }
  return Date.now() + timeoutMs;
};

const sendJson = (response: ServerResponse, status: number, body: object): void => {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
  });
  response.end(text);
};

/** OpenAI's error object; inside a stream that has begun, as its last message. */
const sendFault = (response: ServerResponse, thrown: unknown): void => {
  if (response.destroyed) return;
  const fault = Fault.from(thrown);
  const { code, message, param = null } = fault;
  const body = { error: { message, type: errorType(code), param, code } };
  if (response.headersSent) {
    // A reader that does not read would hold the connection for ever.
    if (response.writableNeedDrain) {
      response.destroy();
      return;
    }
    response.end(`data: ${JSON.stringify(body)}\n\n`);
    return;
  }
  if (!response.hasHeader('x-request-id')) response.setHeader('x-request-id', randomUUID());
  // What is left of a refused body would otherwise have to be read before the next request.
  response.setHeader('connection', 'close');
  const retryAfterS = retryAfterSOf(fault);
  if (retryAfterS !== undefined) response.setHeader('retry-after', `${retryAfterS}`);
  sendJson(response, faultTable[code].httpStatus, body);
};

/** In whole seconds, as the header wants them: rounded up, so that who keeps to it is not refused again for that. */
const retryAfterSOf = ({ code, retryAfterMs }: Fault): number | undefined => {
  if (retryAfterMs !== undefined) return Math.max(1, Math.ceil(retryAfterMs / 1000));
  return code === 'saturated' || code === 'unavailable' ? 1 : undefined;
};

const errorType = (code: FaultCode): string =>
  code === 'rate_limited'
    ? 'rate_limit_error'
    : faultTable[code].httpStatus < 500
      ? 'invalid_request_error'
      : 'server_error';
