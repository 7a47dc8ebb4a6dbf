import { Fault } from '@isotherm/kernel';
import { type AnswerEvent, answerEvents, wholeAnswer } from './answer-events.ts';
import { chatBody } from './chat-body.ts';
import type { Conversation } from './conversation.ts';
import type { UpstreamServer } from './dialect.ts';
import { requestBodyOf } from './request-body.ts';
import { type Attempt, retryAfterMsOf, withRetries } from './retry.ts';
import { faultOfStatus, isRecord, serverErrorOf } from './server-error.ts';
import type { ServerLogprobs } from './server-logprobs.ts';
import { type ServerFacts, serverFactsOf } from './server-facts.ts';
import { createUpstreamHttp, type UpstreamHttp, type UpstreamResponse } from './upstream-http.ts';
import { parseBaseUrl, type UpstreamOptions } from './upstream-options.ts';

/** What a prefill server says of the KV cache it keeps: opaque to everyone but its peer. */
export type KvTransferParams = Readonly<Record<string, unknown>>;

/** How a prefill ended: handed over, or already the whole answer (its first token ended it). */
export type UpstreamPrefill =
  | { readonly kind: 'handedOver'; readonly params: KvTransferParams }
  | {
      readonly kind: 'answered';
      readonly text: string;
      readonly logprobs: readonly ServerLogprobs[];
      readonly finished: Extract<AnswerEvent, { kind: 'finished' }>;
    };

/** One request as a server is asked it. */
export interface UpstreamCall {
  /** The server's own name of it. */
  readonly model: string;
  /** What the server is: decides how it is asked. */
  readonly server: UpstreamServer;
  readonly conversation: Conversation;
  /** Sent as X-Request-Id: prefill and decode servers match a request by it, and logs do. */
  readonly requestId: string;
}

/**
 * One OpenAI-compatible server. Ending a generator early, or aborting its signal, closes the
 * connection, by which the server knows to stop.
 */
export interface Upstream {
  /**
   * Streams an answer. With `handedOver` the server takes the prompt's KV cache from the prefill
   * server that gave these parameters.
   */
  answer(
    call: UpstreamCall,
    handedOver: KvTransferParams | undefined,
    signal: AbortSignal,
  ): AsyncGenerator<AnswerEvent, void>;
  /** Has the prompt run and its KV cache kept for a decode server (vLLM's kv_transfer_params). */
  prefill(call: UpstreamCall, signal: AbortSignal): Promise<UpstreamPrefill>;
  /** Finds the model, its context where the server says, and what the server is. Faults: `unknown_model`. */
  facts(signal: AbortSignal): Promise<ServerFacts>;
  /** Resolves when the server takes requests; rejects with a Fault when it does not. */
  probe(signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/** Largest answer to anything but a chat, in bytes. */
const factsBytesMax = 4 << 20;

/** Throws `invalid_argument` for a URL that is none. */
export const createUpstream = (options: UpstreamOptions): Upstream => {
  const http = createUpstreamHttp(parseBaseUrl(options.url), options);

  const post = (
    { model, server, conversation, requestId }: UpstreamCall,
    fields: Readonly<Record<string, unknown>>,
    signal: AbortSignal,
  ): Promise<UpstreamResponse> => {
    const body = requestBodyOf((spell) => ({
      ...chatBody(conversation, model, server, spell),
      ...fields,
    }));
    const request = { path: '/chat/completions', body, headers: { 'x-request-id': requestId } };
    return withRetries(options, signal, async () => attempt(await http.request(request, signal)));
  };

  return {
    async *answer(call, handedOver, signal) {
      const response = await post(call, streamed(handedOver), signal);
      try {
        if (!response.contentType.startsWith('text/event-stream')) {
          throw new Fault('unavailable', 'The upstream server did not answer with a stream.');
        }
        // Not `yield*`, which awaits each value three times over.
        for await (const event of answerEvents(response.body)) yield event;
      } finally {
        response.dispose();
      }
    },
    prefill: async (call, signal) => {
      const response = await post(call, handOver, signal);
      return prefillOf(await readJson(response, options.answerBytesMax));
    },
    facts: async (signal) => {
      const response = await http.request({ path: '/models' }, signal);
      const json = await readJson(response, factsBytesMax);
      if (response.status !== 200) throw faultOfStatus(response.status, serverErrorOf(json));
      const facts = serverFactsOf(json, options.model);
      return options.server === 'auto' ? facts : { ...facts, server: options.server };
    },
    probe: (signal) => probe(http, signal),
    close: () => http.close(),
  };
};

const streamed = (handedOver: KvTransferParams | undefined): Record<string, unknown> => ({
  stream: true,
  stream_options: { include_usage: true },
  ...(handedOver !== undefined && { kv_transfer_params: handedOver }),
});

/**
 * What makes a vLLM server with a KV connector run the prompt, keep its blocks, and say where they
 * are. The token that it makes on the way is thrown away: the decode server makes it again.
 */
const handOver = {
  max_tokens: 1,
  stream: false,
  kv_transfer_params: {
    do_remote_decode: true,
    do_remote_prefill: false,
    remote_engine_id: null,
    remote_block_ids: null,
    remote_host: null,
    remote_port: null,
  },
} as const;

const prefillOf = (json: unknown): UpstreamPrefill => {
  const params = isRecord(json) ? json['kv_transfer_params'] : undefined;
  if (isRecord(params)) return { kind: 'handedOver', params };
  const { text, logprobs, finished } = wholeAnswer(json);
  // An answer that its first token ended is whole: there is nothing to hand over.
  if (finished.reason === 'stop') return { kind: 'answered', text, logprobs, finished };
  throw new Fault(
    'unsupported',
    'The prefill server keeps no KV cache for others: it runs without a KV connector.',
  );
};

/** Turns a refusal into a Fault, and a busy server into another attempt. */
const attempt = async (response: UpstreamResponse): Promise<Attempt<UpstreamResponse>> => {
  const { status } = response;
  if (status === 200) return { kind: 'done', value: response };
  const json = await readJson(response, factsBytesMax).catch(() => undefined);
  const fault = faultOfStatus(status, serverErrorOf(json));
  if (status !== 429 && status !== 503) throw fault;
  return { kind: 'busy', fault, retryAfterMs: retryAfterMsOf(response.retryAfter, Date.now()) };
};

const readJson = async (response: UpstreamResponse, bytesMax: number): Promise<unknown> => {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const chunk of response.body) {
      bytes += chunk.length;
      if (bytes > bytesMax) {
        throw new Fault('unavailable', 'The upstream server sent more than it should.');
      }
      chunks.push(chunk);
    }
  } finally {
    response.dispose();
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch (error) {
    throw new Fault('unavailable', 'The upstream server answered with what is not JSON.', {
      cause: error,
    });
  }
};

/** /health is vLLM's, SGLang's and llama.cpp's; others have at least the list of models. */
const probe = async (http: UpstreamHttp, signal: AbortSignal): Promise<void> => {
  for (const request of [{ path: '/health', root: true }, { path: '/models' }]) {
    const response = await http.request(request, signal);
    response.dispose();
    if (response.status === 200) return;
    if (response.status !== 404) throw faultOfStatus(response.status, undefined);
  }
  throw faultOfStatus(404, undefined);
};
