import { Agent } from 'node:http';
import type { GenerateResponse } from '@isotherm/proto';
import { createPeers, messagesOf } from '@isotherm/rpc';
import { postChat, textEvent } from '../../client/post-chat.ts';
import { directProfile } from '../../fabric/direct-engine.ts';

/** Who is asked what. */
export type Asked =
  /** The engine in the very process that measures: what everything else adds to. */
  | { readonly kind: 'engine'; readonly text: string; readonly tokensMax: number }
  | {
      readonly kind: 'http';
      /** http://host:port */
      readonly baseUrl: string;
      readonly headers: Readonly<Record<string, string>>;
      /** Bodies that take turns. */
      readonly bodies: readonly string[];
    }
  | {
      readonly kind: 'grpc';
      /** host:port */
      readonly address: string;
      readonly text: string;
      readonly tokensMax: number;
    };

/** When the first piece of an answer came and when it was whole, in milliseconds since the call. */
export interface Times {
  readonly firstMs: number;
  readonly wholeMs: number;
}

export interface Asker {
  /** Rejects unless the answer is whole. */
  ask(): Promise<Times>;
  close(): Promise<void>;
}

export const createAsker = (asked: Asked): Asker => {
  switch (asked.kind) {
    case 'engine':
      return engineAsker(asked);
    case 'http':
      return httpAsker(asked);
    case 'grpc':
      return grpcAsker(asked);
    default:
      return asked satisfies never;
  }
};

const engineAsker = ({ text, tokensMax }: Extract<Asked, { kind: 'engine' }>): Asker => {
  const engine = directProfile({});
  // It answers one at a time: a second one would take the other's tokens. What that waits is not the engine's time.
  let last: Promise<unknown> = Promise.resolve();
  return {
    ask: async () => {
      const answering = last.then(() => engine.answer({ text, tokensMax }));
      last = answering.catch(() => undefined);
      const { firstMs, lastMs } = await answering;
      return { firstMs, wholeMs: lastMs };
    },
    close: () => engine.close(),
  };
};

const hasText = new RegExp(textEvent);

const httpAsker = ({ baseUrl, headers, bodies }: Extract<Asked, { kind: 'http' }>): Asker => {
  const agent = new Agent({ keepAlive: true });
  const sent = bodies.map((body) => Buffer.from(body));
  let asked = 0;
  const ask = (): Promise<Times> =>
    new Promise((resolve, reject) => {
      const body = sent[asked++ % sent.length] ?? Buffer.alloc(0);
      const startMs = performance.now();
      let firstMs: number | undefined;
      let last = '';
      const call = postChat({ baseUrl, agent, body, headers }, (response) => {
        response.setEncoding('utf8');
        response.on('data', (piece: string) => {
          if (firstMs === undefined && hasText.test(piece)) {
            firstMs = performance.now() - startMs;
          }
          last = piece;
        });
        response.on('error', reject);
        response.on('end', () => {
          const wholeMs = performance.now() - startMs;
          const done = last.trimEnd();
          const isWhole = done.endsWith('[DONE]') || done.endsWith('}');
          if (response.statusCode === 200 && firstMs !== undefined && isWhole) {
            resolve({ firstMs, wholeMs });
          } else reject(new Error(`Answered ${response.statusCode}: ${last.slice(0, 200)}`));
        });
      });
      call.on('error', reject);
    });
  return {
    ask,
    close: async () => agent.destroy(),
  };
};

const grpcAsker = ({ address, text, tokensMax }: Extract<Asked, { kind: 'grpc' }>): Asker => {
  const peers = createPeers();
  const messages = [{ role: 'user', parts: [{ text }] }];
  return {
    ask: async () => {
      const startMs = performance.now();
      const call = peers.router(address).generate({ messages, maxTokens: tokensMax });
      let firstMs: number | undefined;
      let finished = false;
      for await (const message of messagesOf<GenerateResponse>(call)) {
        firstMs ??= performance.now() - startMs;
        finished = message.event === 'finished';
      }
      if (firstMs === undefined || !finished) throw new Error('The answer is not whole.');
      return { firstMs, wholeMs: performance.now() - startMs };
    },
    close: async () => peers.close(),
  };
};
