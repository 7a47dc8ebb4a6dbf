import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';

/** A chat request as it arrived. */
export interface StandInRequest {
  readonly headers: IncomingMessage['headers'];
  readonly body: Readonly<Record<string, unknown>>;
  /** Resolves when the connection has closed before the answer was whole. */
  readonly abandoned: Promise<void>;
}

/** Answers one chat request; what it throws becomes a broken connection. */
export type StandInAnswer = (
  request: StandInRequest,
  response: ServerResponse,
) => Promise<void> | void;

/** An HTTP server that speaks as an OpenAI-compatible inference server does. */
export interface StandIn {
  /** Base URL with its version. */
  readonly url: string;
  /** Every chat request so far. */
  readonly requests: readonly StandInRequest[];
  /** Connections that were ever opened. */
  readonly connections: number;
  /** Answers the next chat requests, one each; when they are used up, `always` answers. */
  next(...answers: readonly StandInAnswer[]): void;
  always(answer: StandInAnswer): void;
  /** Status of GET /health. */
  health: number;
  close(): Promise<void>;
}

export interface StandInOptions {
  /** Entries of GET /v1/models. */
  readonly models?: readonly object[];
  /** Port to listen on; absent takes a free one. */
  readonly port?: number;
}

export const standInModel = 'tiny';

export const startStandIn = async (options: StandInOptions = {}): Promise<StandIn> => {
  const models = options.models ?? [{ id: standInModel, object: 'model', max_model_len: 4096 }];
  const requests: StandInRequest[] = [];
  const queue: StandInAnswer[] = [];
  let always: StandInAnswer = streamOf(['hello']);
  let connections = 0;
  const server = createServer((request, response) => {
    void serve(request, response).catch(() => response.destroy());
  });
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    switch (`${request.method} ${request.url}`) {
      case 'GET /health':
        response.writeHead(standIn.health).end();
        return;
      case 'GET /v1/models':
        sendJson(response, 200, { object: 'list', data: models });
        return;
      case 'POST /v1/chat/completions': {
        const arrived = await read(request, response);
        requests.push(arrived);
        await (queue.shift() ?? always)(arrived, response);
        return;
      }
      default:
        sendJson(response, 404, { detail: 'Not Found' });
    }
  };
  server.on('connection', () => (connections += 1));
  server.listen(options.port ?? 0, '127.0.0.1');
  await once(server, 'listening');
  const standIn: StandIn = {
    url: `http://127.0.0.1:${portOf(server)}/v1`,
    requests,
    get connections() {
      return connections;
    },
    next: (...answers) => void queue.push(...answers),
    always: (answer) => {
      always = answer;
    },
    health: 200,
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
  return standIn;
};

const portOf = (server: Server): number => {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
};

const read = async (
  request: IncomingMessage,
  response: ServerResponse,
): Promise<StandInRequest> => {
  const chunks: Uint8Array[] = [];
  for await (const chunk of request) chunks.push(chunk as Uint8Array);
  const body = JSON.parse(Buffer.concat(chunks).toString('utf8')) as Record<string, unknown>;
  const abandoned = new Promise<void>((resolve) => {
    response.on('close', () => {
      if (!response.writableFinished) resolve();
    });
  });
  return { headers: request.headers, body, abandoned };
};

export const sendJson = (
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): void => {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(typeof body === 'string' ? body : JSON.stringify(body));
};

/** One SSE event of a chat completion stream, in vLLM's spelling. */
export const chunkOf = (
  delta: object,
  finishReason: string | null = null,
  usage?: object,
): string => {
  const head = { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'tiny' };
  const choices = [{ index: 0, delta, logprobs: null, finish_reason: finishReason }];
  return eventOf({ ...head, choices, ...(usage !== undefined && { usage }) });
};

export const usageChunkOf = (promptTokens: number, completionTokens: number): string =>
  eventOf({
    ...{ id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'tiny' },
    choices: [],
    usage: {
      prompt_tokens: promptTokens,
      completion_tokens: completionTokens,
      total_tokens: promptTokens + completionTokens,
    },
  });

export const eventOf = (data: unknown): string => `data: ${JSON.stringify(data)}\n\n`;

export const doneEvent = 'data: [DONE]\n\n';

/** A whole streamed answer as text, as vLLM frames it. */
export const answerText = (
  deltas: readonly string[],
  finishReason = 'stop',
  promptTokens = 7,
): string =>
  [
    chunkOf({ role: 'assistant', content: '' }),
    ...deltas.map((content) => chunkOf({ content })),
    chunkOf({ content: '' }, finishReason),
    usageChunkOf(promptTokens, deltas.length),
    doneEvent,
  ].join('');

export const beginStream = (response: ServerResponse): void => {
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
  response.flushHeaders();
};

/** Streams an answer of these deltas. */
export const streamOf =
  (deltas: readonly string[], finishReason = 'stop'): StandInAnswer =>
  (_, response) => {
    beginStream(response);
    response.end(answerText(deltas, finishReason));
  };

/** Sends raw bytes as the body of a stream, cut at these places into writes of their own. */
export const rawStream =
  (body: string | Uint8Array, cuts: readonly number[] = []): StandInAnswer =>
  async (_, response) => {
    const bytes = Buffer.from(body);
    beginStream(response);
    let from = 0;
    for (const to of [...cuts, bytes.length]) {
      // A turn of the event loop between writes keeps the network from joining them.
      await new Promise((resolve) => response.write(bytes.subarray(from, to), resolve));
      await new Promise((resolve) => setImmediate(resolve));
      from = to;
    }
    response.end();
  };

/** Refuses with a status, as a busy or broken server does. */
export const refuseWith =
  (status: number, error: unknown, headers: Readonly<Record<string, string>> = {}): StandInAnswer =>
  (_, response) =>
    sendJson(response, status, error, headers);

/** Streams these deltas and then breaks the connection. */
export const breakAfter =
  (deltas: readonly string[]): StandInAnswer =>
  async (_, response) => {
    beginStream(response);
    const text = deltas.map((content) => chunkOf({ content })).join('');
    if (text !== '') await new Promise((resolve) => response.write(text, resolve));
    response.destroy();
  };
