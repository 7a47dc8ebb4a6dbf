import type { Agent } from 'node:http';
import { postChat } from '../../client/post-chat.ts';

/** What a client saw of one streamed answer; times in milliseconds of `performance.now()`. */
export interface StreamOutcome {
  readonly text: string;
  readonly tokens: number;
  readonly firstMs: number;
  readonly lastMs: number;
  readonly error: string | undefined;
}

export interface StreamCallOptions {
  /** http://host:port. */
  readonly baseUrl: string;
  readonly body: string;
  readonly agent: Agent;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  onFirst?(): void;
}

interface Chunk {
  readonly choices?: readonly { readonly delta: { readonly content?: string } }[];
  readonly usage?: { readonly completion_tokens: number };
  readonly error?: { readonly message: string };
}

/** Asks and listens to the end. Never rejects: what went wrong is part of the outcome. */
export const streamCall = (options: StreamCallOptions): Promise<StreamOutcome> =>
  new Promise((resolve) => {
    const { baseUrl, body, agent, timeoutMs, signal } = options;
    const heard = { text: '', tokens: 0, firstMs: Number.NaN, lastMs: Number.NaN };
    let rest = '';
    let error: string | undefined;
    let whole = false;
    const end = (reason?: string): void => {
      error ??= reason ?? (whole ? undefined : `ended early: ${rest.slice(0, 200)}`);
      resolve({ ...heard, error });
    };
    const hear = (event: string): void => {
      if (!event.startsWith('data: {')) return;
      const chunk = JSON.parse(event.slice(6)) as Chunk;
      if (chunk.error !== undefined) error = chunk.error.message;
      const content = chunk.choices?.[0]?.delta.content ?? '';
      if (content !== '') {
        heard.lastMs = performance.now();
        if (heard.text === '') {
          heard.firstMs = heard.lastMs;
          options.onFirst?.();
        }
        heard.text += content;
      }
      if (chunk.usage !== undefined) {
        heard.tokens = chunk.usage.completion_tokens;
        whole = true;
      }
    };
    const call = postChat({ baseUrl, agent, body, timeoutMs, signal }, (response) => {
      response.setEncoding('utf8');
      response.on('data', (piece: string) => {
        const events = (rest + piece).split('\n\n');
        rest = events.pop() ?? '';
        for (const event of events) hear(event);
      });
      response.on('error', ({ message }) => end(message));
      response.on('end', () => end(response.statusCode === 200 ? undefined : rest));
    });
    call.on('error', ({ message }) => end(message));
  });
