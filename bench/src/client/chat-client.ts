import { Agent, type ClientRequest, type IncomingMessage } from 'node:http';
import { postChat } from './post-chat.ts';

/** What a client sends to POST /v1/chat/completions. */
export interface ChatBody {
  readonly messages: readonly { readonly role: 'user'; readonly content: unknown }[];
  readonly max_tokens: number;
}

/** A streamed answer and when its parts came, in milliseconds since the request was sent. */
export interface StreamedAnswer {
  readonly text: string;
  readonly tokens: number;
  readonly firstMs: number;
  readonly lastMs: number;
  /** The router's own account of where the time went. */
  readonly stages: readonly StageFacts[];
}

export interface StageFacts {
  readonly stage: string;
  readonly total_ms: number;
  readonly lane_wait_ms: number;
  readonly pull_ms: number;
  readonly queue_ms: number;
  readonly engine_ms: number;
  /** Jobs that shared the engine's batch; for decode the most. */
  readonly batch: number;
}

/** A client that keeps its connections. */
export interface ChatClient {
  /** Asks with `stream`. Rejects unless the answer is whole. */
  ask(body: ChatBody): Promise<StreamedAnswer>;
  /** Asks without reading what the answer says; resolves with its time in milliseconds. */
  time(body: string): Promise<number>;
  close(): void;
}

export interface ChatClientOptions {
  /** The router, http://host:port. */
  readonly baseUrl: string;
  readonly connectionsMax: number;
}

interface Chunk {
  readonly choices: readonly {
    readonly delta: { readonly content?: string };
    readonly finish_reason: string | null;
  }[];
  readonly usage?: { readonly completion_tokens: number };
  readonly isotherm?: { readonly stages: readonly StageFacts[] };
  readonly error?: { readonly message: string };
}

export const createChatClient = ({ baseUrl, connectionsMax }: ChatClientOptions): ChatClient => {
  const agent = new Agent({ keepAlive: true, maxSockets: connectionsMax });
  const post = (body: string, answered: (response: IncomingMessage) => void): ClientRequest =>
    postChat({ baseUrl, agent, body }, answered);

  return {
    ask: (body) =>
      new Promise((resolve, reject) => {
        const sentMs = performance.now();
        const sent = JSON.stringify({
          ...body,
          stream: true,
          stream_options: { include_usage: true },
        });
        const call = post(sent, (response) => {
          const answer = collect(() => performance.now() - sentMs);
          response.setEncoding('utf8');
          response.on('data', (piece: string) => answer.take(piece));
          response.on('error', reject);
          response.on('end', () => {
            const whole = answer.finish(response.statusCode ?? 0);
            if (whole instanceof Error) reject(whole);
            else resolve(whole);
          });
        });
        call.on('error', reject);
      }),
    time: (body) =>
      new Promise((resolve, reject) => {
        const sentMs = performance.now();
        const call = post(body, (response) => {
          response.resume();
          response.on('error', reject);
          response.on('end', () => {
            if (response.statusCode === 200) resolve(performance.now() - sentMs);
            else reject(new Error(`The router answered ${response.statusCode}.`));
          });
        });
        call.on('error', reject);
      }),
    close: () => agent.destroy(),
  };
};

/** Reads server-sent events; the time of a piece of text is that of the read that brought it. */
const collect = (
  sinceMs: () => number,
): { take(piece: string): void; finish(status: number): StreamedAnswer | Error } => {
  let rest = '';
  let text = '';
  let firstMs: number | undefined;
  let lastMs = 0;
  let last: Chunk | undefined;
  let failure: string | undefined;
  const hear = (event: string, nowMs: number): void => {
    if (!event.startsWith('data: {')) return;
    const chunk = JSON.parse(event.slice(6)) as Chunk;
    if (chunk.error !== undefined) {
      failure = chunk.error.message;
      return;
    }
    const content = chunk.choices[0]?.delta.content ?? '';
    if (content !== '') {
      firstMs ??= nowMs;
      lastMs = nowMs;
      text += content;
    }
    if (chunk.usage !== undefined) last = chunk;
  };
  return {
    take: (piece) => {
      const nowMs = sinceMs();
      const events = (rest + piece).split('\n\n');
      rest = events.pop() ?? '';
      for (const event of events) hear(event, nowMs);
    },
    finish: (status) => {
      if (status !== 200 || last?.usage === undefined) {
        return new Error(`The router answered ${status}: ${failure ?? rest}`);
      }
      const nowMs = sinceMs();
      const tokens = last.usage.completion_tokens;
      const stages = last.isotherm?.stages ?? [];
      return { text, tokens, firstMs: firstMs ?? nowMs, lastMs: firstMs ? lastMs : nowMs, stages };
    },
  };
};
